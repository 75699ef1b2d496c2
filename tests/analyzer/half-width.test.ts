import { describe, expect, test } from 'vitest';
import { halfWidthOfMean, lagCorrelation } from '../../src/analyzer/half-width.ts';
import { seededRandom } from '../support/seeded-random.ts';

/** AR(1) values about 10 with spread 1. */
function series(count: number, correlation: number, seed: number): number[] {
  const random = seededRandom(seed);
  let deviation = random.normal();
  return Array.from({ length: count }, () => {
    deviation = correlation * deviation + Math.sqrt(1 - correlation ** 2) * random.normal();
    return 10 + deviation;
  });
}

/** Part of many series whose interval holds the true mean. */
function coverage(count: number, correlation: number): number {
  let held = 0;
  for (let seed = 0; seed < 1000; seed++) {
    const values = series(count, correlation, seed);
    const mean = values.reduce((sum, value) => sum + value, 0) / count;
    if (Math.abs(mean - 10) <= halfWidthOfMean(values)) held++;
  }
  return held / 1000;
}

describe('halfWidthOfMean', () => {
  test('covers the mean of independent and of correlated values about as often as it says', () => {
    expect(coverage(20, 0)).toBeGreaterThan(0.94);
    expect(coverage(20, 0.5)).toBeGreaterThan(0.9);
    expect(coverage(60, 0.6)).toBeGreaterThan(0.92);
  });

  test('is wider for values that resemble their neighbours', () => {
    const rising = [1, 2, 3, 4, 5, 6, 7, 8];
    const mixed = [5, 1, 8, 2, 7, 3, 6, 4];
    expect(halfWidthOfMean(rising)).toBeGreaterThan(2 * halfWidthOfMean(mixed));
  });

  test('is zero where nothing varies, and unknown for a single value', () => {
    expect(halfWidthOfMean([3, 3, 3])).toBe(0);
    expect(halfWidthOfMean([3])).toBeNaN();
  });
});

describe('lagCorrelation', () => {
  test('corrects the bias of short series and stays within [0, 1]', () => {
    const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
    const estimates = Array.from({ length: 500 }, (_, seed) => lagCorrelation(series(30, 0.5, seed)));
    expect(mean(estimates)).toBeGreaterThan(0.45);
    expect(mean(estimates)).toBeLessThan(0.55);
    expect(lagCorrelation([5, 1, 8, 2, 7, 3])).toBe(0);
  });
});
