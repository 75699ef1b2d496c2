import { describe, expect, test } from 'vitest';
import { leastGaugeError, unseenVariance_s2 } from '../../scripts/study/gauge-floor.ts';
import { seededRandom } from '../support/seeded-random.ts';

describe('what a gauge cannot see', () => {
  test('is that of a Brownian bridge between near readings, and all of it between far ones', () => {
    // Var ∫ bridge = D w³/12 with D = 2/τ.
    expect(unseenVariance_s2(0.01, 1) / ((2 * 0.01 ** 3) / 12)).toBeCloseTo(1, 2);
    expect(unseenVariance_s2(1000, 1) / (2 * 1000)).toBeCloseTo(1, 2);
  });

  test('falls with the root of the number of readings', () => {
    const noise = { deviationRatio: 0.08, correlation_s: 0.3 };
    const least = (count: number): number =>
      leastGaugeError({ widths_s: [0.5], publications: [count, count] }, noise, seededRandom(1));
    expect(least(10) / least(40)).toBeCloseTo(2, 6);
    expect(least(10)).toBeGreaterThan(0.02);
  });
});
