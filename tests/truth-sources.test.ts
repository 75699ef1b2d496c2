import { describe, expect, test } from 'vitest';
import { analyze } from '../src/analyzer/analyze.ts';
import type { EnergyRow } from '../src/core/result.ts';
import { virtualTrial } from '../src/simulator/virtual-trial.ts';
import { recordingOf, trialOf } from './support/recording.ts';
import { lastDomains, seriesOf } from './support/virtual-run.ts';
import { VIRTUAL_SOURCES, type VirtualSource } from './support/virtual-source.ts';

const INTERVALS_ms = [100, 250, 500, 1000, 2000];
const CLOSING_s = 10;

interface SourceRun {
  readonly row: EnergyRow;
  readonly truth_J: number;
}

/** One answer of 24 s in virtual time, read by the source: what is reported for its domain, and the truth. */
async function sourceRun(source: VirtualSource, seed: number, interval_ms: number): Promise<SourceRun> {
  const start_s = 5 + seed * 0.37;
  const trial = virtualTrial({
    physics: { seed, lag_s: 0.12 },
    meter: { interval_ms: 1000 },
    start_s,
    decode_s: 23.2,
  });
  const { phases, completion, physics } = trial;
  const cooled_s = phases.at(-1)?.end_s ?? 0;
  const to_s = cooled_s + CLOSING_s + 5;
  const batches = await source.batches({ physics, seed, interval_ms, from_s: start_s - 5, to_s });
  const recording = recordingOf({
    domains: lastDomains(batches),
    series: seriesOf(batches.flatMap((batch) => batch.samples)),
    phases: [{ kind: 'baseline', start_s: cooled_s, end_s: cooled_s + CLOSING_s }],
    trials: [
      trialOf(
        { baseline_s: 0, requested_s: 1, ended_s: 2, cooledDown_s: 3 },
        { phases, completions: [completion] },
      ),
    ],
    events: batches.flatMap((batch) => batch.events),
  });
  const row = analyze(recording).trials[0]?.energy.find((one) => one.domain === source.domain);
  if (row === undefined) throw new Error(`no row for ${source.domain}`);
  const { requested_s, ended_s } = completion;
  const rails_J = source.rails.map((rail) => physics.energy_J(rail, requested_s, ended_s));
  const truth_J = rails_J.reduce(
    (sum_J, rail_J) => sum_J + rail_J,
    source.beside_W * (ended_s - requested_s),
  );
  return { row, truth_J };
}

describe.each(VIRTUAL_SOURCES.map((source) => [source.name, source] as const))(
  '%s, read at 100 to 2000 ms',
  (_name, source) => {
    test.each([1, 2])(
      'holds the truth in its bound, and agrees with itself within the sum of the bounds (machine %i)',
      async (seed) => {
        const runs: SourceRun[] = [];
        for (const interval_ms of INTERVALS_ms) runs.push(await sourceRun(source, seed, interval_ms));
        for (const [i, { row, truth_J }] of runs.entries()) {
          const { gross_J } = row;
          const { bound_J } = row.uncertainty;
          expect(gross_J, `${INTERVALS_ms[i]} ms: ${row.codes.join()}`).not.toBeNull();
          expect(Math.abs((gross_J ?? Number.NaN) - truth_J)).toBeLessThanOrEqual(bound_J ?? Number.NaN);
        }
        for (const { row: a } of runs) {
          for (const { row: b } of runs) {
            const apart_J = Math.abs((a.gross_J ?? Number.NaN) - (b.gross_J ?? Number.NaN));
            expect(apart_J).toBeLessThanOrEqual((a.uncertainty.bound_J ?? 0) + (b.uncertainty.bound_J ?? 0));
          }
        }
      },
    );
  },
);
