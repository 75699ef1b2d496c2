import { describe, expect, test } from 'vitest';
import { CrossCheck, type Disagreement } from '../../../samplers/gpu/cross-check.ts';
import type { Sample } from '../../../src/core/sample.ts';

const TAU_s = 1;

/** Energy of a course of steps from 0 to `t_s`: [from_s, W]. */
function energy_J(steps: readonly (readonly [number, number])[], t_s: number): number {
  return steps.reduce((sum_J, [from_s, power_W], i) => {
    const to_s = Math.min(t_s, steps[i + 1]?.[0] ?? t_s);
    return sum_J + Math.max(0, to_s - from_s) * power_W;
  }, 0);
}

/** A board that counts truly and states a running mean over 1 s, read each second from 0 to 60 s. */
function verdicts(steps: readonly (readonly [number, number])[], counterRatio = 1): Disagreement[] {
  const check = new CrossCheck();
  const mean_W = (t_s: number): number => energy_J(steps, t_s + 1) - energy_J(steps, t_s + 1 - TAU_s);
  return Array.from({ length: 60 }, (_, i) => i).flatMap((start_s) => {
    const span = { domain: 'gpu:0', start_s, end_s: start_s + 1 };
    const counted: Sample = {
      ...span,
      energy_J: counterRatio * (energy_J(steps, start_s + 2) - energy_J(steps, start_s + 1)),
      kind: 'counter',
    };
    const [startPower_W, endPower_W] = [mean_W(start_s), mean_W(start_s + 1)];
    const integrated: Sample = {
      ...span,
      energy_J: (startPower_W + endPower_W) / 2,
      kind: 'averaged',
      startPower_W,
      endPower_W,
    };
    return check.add(counted, integrated, TAU_s) ?? [];
  });
}

describe('CrossCheck', () => {
  test.each([0.1, 0.35, 0.5, 0.75, 0.9])('a load edge %f s into a second is no disagreement', (x) => {
    for (const edge_s of [1, 5, 9, 10, 11, 19, 20, 21]) {
      expect(
        verdicts([
          [0, 30],
          [edge_s + x, 400],
        ]),
      ).toEqual([]);
      expect(
        verdicts([
          [0, 400],
          [edge_s + x, 20],
        ]),
      ).toEqual([]);
    }
  });

  test('short bursts are none either', () => {
    const bursts = Array.from({ length: 30 }, (_, i) => [2.3 * i, i % 2 === 0 ? 30 : 350] as const);
    expect(verdicts(bursts)).toEqual([]);
  });

  test('a counter that is a tenth off says so in each steady span, whatever edge lies between', () => {
    expect(verdicts([[0, 300]], 0.9).map(({ code }) => code)).toEqual(Array(6).fill('COUNTER_DISAGREES'));
    const stepped = verdicts(
      [
        [0, 30],
        [25.4, 300],
      ],
      0.9,
    );
    expect(stepped.length).toBeGreaterThanOrEqual(5);
    expect(verdicts([[0, 300]], 0.96)).toEqual([]);
  });

  test('a counter that stands still under load is ZERO_UNDER_LOAD even across an edge', () => {
    expect(
      verdicts(
        [
          [0, 30],
          [9.7, 300],
        ],
        0,
      ).map(({ code }) => code),
    ).toContain('ZERO_UNDER_LOAD');
  });
});
