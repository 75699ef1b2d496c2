import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { analyze } from '../../src/analyzer/analyze.ts';
import { sharedError } from '../../src/analyzer/shared-baseline.ts';
import type { BaselineResult } from '../../src/core/result.ts';
import type { Recording } from '../../src/core/run.ts';
import { edgesBetween, meanSeries, stepsThrough } from '../support/power-course.ts';
import { completionOf, domainOf, recordingOf, trialOf } from '../support/recording.ts';
import { seededRandom } from '../support/seeded-random.ts';

const NONE = { bound_J: 0, systematicRatio: null };

function entryOf(
  parts: readonly { start_s: number; halfWidth_W: number; df: number; share: number }[],
  covered_s: number,
) {
  const halfWidth_W = Math.hypot(...parts.map((part) => part.halfWidth_W * part.share));
  const baseline: BaselineResult = {
    state: 'B2',
    power_W: 4,
    halfWidth_W,
    before_W: 4,
    after_W: null,
    shared: parts,
  };
  return {
    row: { baseline, uncertainty: { ...NONE, baseline_J: halfWidth_W * covered_s } },
    output_tok: 100,
  };
}

function halfWidthOf(entries: Parameters<typeof sharedError>[0]): number {
  return sharedError(entries).halfWidth;
}

describe('sharedError', () => {
  test('of one baseline is H_b·ΣT/Σn: it errs for all trials alike', () => {
    const part = { start_s: 0, halfWidth_W: 0.2, df: 9, share: 1 };
    expect(halfWidthOf([entryOf([part], 10), entryOf([part], 30)])).toBeCloseTo((0.2 * 40) / 200, 12);
  });

  test('of several baselines adds in quadrature where their spread is well known, each with its part in every trial', () => {
    const [first, second] = [
      { start_s: 0, halfWidth_W: 0.3, df: 1e6 },
      { start_s: 100, halfWidth_W: 0.4, df: 1e6 },
    ];
    const entries = [
      entryOf(
        [
          { ...first, share: 0.75 },
          { ...second, share: 0.25 },
        ],
        10,
      ),
      entryOf(
        [
          { ...first, share: 0.25 },
          { ...second, share: 0.75 },
        ],
        10,
      ),
    ];
    expect(halfWidthOf(entries)).toBeCloseTo(Math.hypot(0.3 * 10, 0.4 * 10) / 200, 6);
  });

  test('is none where each trial has its own', () => {
    const own = entryOf([], 10);
    expect(halfWidthOf([own])).toBe(0);
    expect(halfWidthOf([])).toBe(0);
  });

  test('does not depend on the order of trials', () => {
    const part = fc.record({
      start_s: fc.constantFrom(0, 100, 200),
      halfWidth_W: fc.constant(0.25),
      df: fc.constant(9),
      share: fc.double({ min: 0.1, max: 1, noNaN: true }),
    });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(part, fc.double({ min: 1, max: 60, noNaN: true })), { minLength: 1 }),
        (list) => {
          const entries = list.map(([one, covered_s]) => entryOf([one], covered_s));
          expect(halfWidthOf(entries.toReversed())).toBeCloseTo(halfWidthOf(entries), 9);
        },
      ),
    );
  });
});

/** `trials` requests of 5 s at 30 W after one baseline of 10 s whose readings scatter by 20 %, a second one at the end. */
function sharingRun(trials: number, seed: number): Recording {
  const random = seededRandom(seed);
  const requests = Array.from({ length: trials }, (_, i) => ({
    requested_s: 12 + 10 * i,
    ended_s: 17 + 10 * i,
  }));
  const last_s = 12 + 10 * trials;
  const steps: [number, number][] = [];
  let busy = 0;
  for (let t_s = 0; t_s < last_s + 12; t_s += 0.5) {
    const isBusy = requests.some(({ ended_s, requested_s }) => t_s >= requested_s && t_s < ended_s);
    busy = isBusy ? 30 * (1 + 0.01 * random.normal()) : 4 * (1 + 0.2 * random.normal());
    steps.push([t_s, busy]);
  }
  const course = stepsThrough(steps, last_s + 12);
  return recordingOf({
    domains: [domainOf()],
    series: [
      meanSeries(course, { domain: 'soc', edges_s: edgesBetween({ from_s: 0, to_s: last_s + 11 }, 0.5) }),
    ],
    phases: [
      { kind: 'baseline', start_s: 1, end_s: 11, state: 'B2' },
      { kind: 'baseline', start_s: last_s, end_s: last_s + 10, state: 'B2' },
    ],
    trials: requests.map((span, index) => ({
      ...trialOf({ baseline_s: 0, ...span, cooledDown_s: span.ended_s + 5 }, { index, repetition: index }),
      phases: [{ kind: 'inference', start_s: span.requested_s, end_s: span.ended_s }],
      completions: [completionOf(span, { output_tok: 100 })],
    })),
  });
}

describe('trials that share a baseline', () => {
  test('have an interval at least as wide as what the baselines leave open, and say whose it is', () => {
    const document = analyze(sharingRun(12, 3));
    const [whole] = document.summary.filter(({ category }) => category === 'all');
    const rows = document.trials.map(({ energy }) => energy[0]);
    for (const row of rows) {
      expect(row?.baseline?.shared?.map(({ start_s }) => start_s)).toEqual([1, 132]);
      expect(row?.baseline?.shared?.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 12);
    }
    const [low, high] = whole?.net_JPerTok.ci95 ?? [0, 0];
    const shared = halfWidthOf(rows.flatMap((row) => (row === undefined ? [] : { row, output_tok: 100 })));
    expect(shared).toBeGreaterThan(0);
    expect((high - low) / 2).toBeGreaterThan(shared);
  });

  test('the interval holds the truth as often as it says, which it does less often without the shared term', () => {
    const count = 100;
    let held = 0;
    let heldWithout = 0;
    for (let seed = 1; seed <= count; seed++) {
      const document = analyze(sharingRun(10, seed));
      const whole = document.summary.find(({ category }) => category === 'all');
      const { ci95, value } = whole?.net_JPerTok ?? { ci95: null, value: null };
      const [low, high] = ci95 ?? [0, 0];
      const rows = document.trials.flatMap(({ energy }) =>
        energy.slice(0, 1).map((row) => ({ row, output_tok: 100 })),
      );
      const own = Math.sqrt(Math.max(0, ((high - low) / 2) ** 2 - halfWidthOf(rows) ** 2));
      const error = Math.abs((value ?? 0) - (26 * 5) / 100);
      if (error <= (high - low) / 2) held++;
      if (error <= own) heldWithout++;
    }
    expect(held / count).toBeGreaterThan(0.93);
    expect(heldWithout / count).toBeLessThan(held / count - 0.05);
  });
});
