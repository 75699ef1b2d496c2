import { createPowermetricsParser } from '../../samplers/powermetrics/parser.ts';
import { analyze } from '../../src/analyzer/analyze.ts';
import type { EnergyRow } from '../../src/core/result.ts';
import type { Recording, Truth } from '../../src/core/run.ts';
import type { Batch, Domain, Sample, SampleSeries } from '../../src/core/sample.ts';
import { virtualFrames } from '../../src/simulator/virtual-meter.ts';
import { DEFAULT_VIRTUAL_TRIAL, virtualTrial } from '../../src/simulator/virtual-trial.ts';
import { recordingOf, trialOf } from './recording.ts';

export interface VirtualRunOptions {
  readonly seed: number;
  readonly interval_ms: number;
  readonly lag_s: number;
  readonly start_s: number;
  /** Of the answer; prefill takes 0.8 s of it. */
  readonly answer_s: number;
}

export interface VirtualRun {
  readonly row: EnergyRow;
  readonly truth: Truth;
}

/** One trial in virtual time through the real parser and the real analyzer: what is reported for soc, and the truth. */
export function virtualRun(options: VirtualRunOptions): VirtualRun {
  const { seed, interval_ms, lag_s, start_s, answer_s } = options;
  const trial = virtualTrial({
    physics: { seed, lag_s },
    meter: { interval_ms },
    start_s,
    decode_s: answer_s - DEFAULT_VIRTUAL_TRIAL.prefill_s,
    margin_s: CLOSING_s + 4,
  });
  const cooled_s = trial.phases.at(-1)?.end_s ?? 0;
  const frames = virtualFrames(trial.physics, {
    interval_ms,
    from_s: start_s - 4,
    to_s: cooled_s + CLOSING_s + 3,
  });
  const parser = createPowermetricsParser();
  const batches = frames.flatMap((frame) => parser.push(frame.bytes, frame.arrival_s));
  const recording = recordingOf({
    domains: lastDomains(batches),
    series: seriesOf(batches.flatMap((batch) => batch.samples)),
    phases: [{ kind: 'baseline', start_s: cooled_s, end_s: cooled_s + CLOSING_s }],
    trials: [
      trialOf(
        { baseline_s: 0, requested_s: 1, ended_s: 2, cooledDown_s: 3 },
        { phases: trial.phases, completions: [trial.completion], truth: trial.truth },
      ),
    ],
    events: batches.flatMap((batch) => batch.events),
  });
  return { row: socRow(recording), truth: trial.truth };
}

/** Length of the closing baseline. */
const CLOSING_s = 10;

function socRow(recording: Recording): EnergyRow {
  const row = analyze(recording).trials[0]?.energy.find((candidate) => candidate.domain === 'soc');
  if (row === undefined) throw new Error('no row for soc');
  return row;
}

export function lastDomains(batches: readonly Batch[]): readonly Domain[] {
  return batches.findLast((batch) => batch.domains !== undefined)?.domains ?? [];
}

export function seriesOf(samples: readonly Sample[]): SampleSeries[] {
  return [...new Set(samples.map((sample) => sample.domain))].map((domain) => {
    const own = samples.filter((sample) => sample.domain === domain);
    return {
      domain,
      kind: own[0]?.kind ?? 'mean',
      start_s: Float64Array.from(own, (sample) => sample.start_s),
      end_s: Float64Array.from(own, (sample) => sample.end_s),
      energy_J: Float64Array.from(own, (sample) => sample.energy_J),
      startPower_W: powersOf(own, (sample) => sample.startPower_W),
      endPower_W: powersOf(own, (sample) => sample.endPower_W),
    };
  });
}

/** Empty but for gauges. */
function powersOf(samples: readonly Sample[], power_W: (sample: Sample) => number | undefined): Float64Array {
  return Float64Array.from(samples.flatMap((sample) => power_W(sample) ?? []));
}
