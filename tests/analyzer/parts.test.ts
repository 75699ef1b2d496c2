import { describe, expect, test } from 'vitest';
import { analyze } from '../../src/analyzer/analyze.ts';
import { partsOf } from '../../src/analyzer/parts.ts';
import { timelineOf } from '../../src/analyzer/timeline.ts';
import { noisySession } from '../support/noisy-session.ts';
import { plainSeries } from '../support/plain-session.ts';
import { completionOf, domainOf } from '../support/recording.ts';

const timeline = timelineOf(domainOf(), plainSeries(), null);
const span = { requested_s: 11, ended_s: 25 };
const context = { beforeRequest_s: 1, baseline_W: 5 };

describe('partsOf', () => {
  test("prefill is the server's own window where it says one, else the time to the first token", () => {
    const served = completionOf(span, { promptStart_s: 11.1, promptEnd_s: 14.1 });
    expect(partsOf(timeline, served, context).prefill).toMatchObject({ start_s: 11.1, end_s: 14.1 });
    expect(partsOf(timeline, completionOf(span), context).prefill).toMatchObject({
      start_s: 11,
      end_s: 14.5,
    });
  });

  test('a part with fewer than five readings is withheld; the other is not', () => {
    const quick = completionOf(span, { firstToken_s: 12 });
    const parts = partsOf(timeline, quick, context);
    expect(parts.prefill).toBeNull();
    expect(parts.decode?.gross_J).toBeCloseTo(13 * 30, 6);
  });

  test('without a baseline there is gross only', () => {
    const { decode } = partsOf(timeline, completionOf(span), { ...context, baseline_W: null });
    expect(decode).toMatchObject({ net_J: null, net_JPerTok: null });
    expect(decode?.gross_J).toBeGreaterThan(0);
  });

  test('no tokens, no parts', () => {
    const silent = completionOf(span, { tokens: [], firstToken_s: null, lastToken_s: null });
    expect(partsOf(timeline, silent, context)).toEqual({ prefill: null, decode: null });
  });

  test('with noise and lag, from 10 readings on: prefill within 5 %, decode within 3 % of the truth at p95', () => {
    const { recording, course } = noisySession({
      trials: 150,
      interval_s: 0.5,
      publications: [40, 50],
      seed: 5,
      prefill_W: 45,
    });
    const errors = analyze(recording).trials.map((trial) => {
      const row = trial.energy[0];
      if (row?.prefill == null || row.decode === null) throw new Error('a part is missing');
      const off = (part: { start_s: number; end_s: number; gross_J: number }): number => {
        const truth_J = course.energy_J(part.start_s, part.end_s);
        return Math.abs(part.gross_J - truth_J) / truth_J;
      };
      return {
        prefill: off(row.prefill),
        decode: off(row.decode),
        remainder: Math.abs(row.remainder_J ?? 1),
      };
    });
    const p95 = (values: number[]): number =>
      values.sort((a, b) => a - b)[Math.floor(0.95 * values.length)] ?? 1;
    expect(p95(errors.map((one) => one.prefill))).toBeLessThan(0.05);
    expect(p95(errors.map((one) => one.decode))).toBeLessThan(0.03);
    expect(p95(errors.map((one) => one.remainder))).toBeLessThan(1e-6);
  });
});
