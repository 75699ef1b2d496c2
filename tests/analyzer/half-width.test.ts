import { describe, expect, test } from 'vitest';
import { lagCorrelation, meanError, pooledError } from '../../src/analyzer/half-width.ts';
import { seededRandom } from '../support/seeded-random.ts';

const STEPS = 10;

/** Averages about 10 of noise that fades in `correlation_widths` of their widths (0: independent). */
function series(count: number, correlation_widths: number, seed: number): number[] {
  const random = seededRandom(seed);
  const keep = correlation_widths > 0 ? Math.exp(-1 / STEPS / correlation_widths) : 0;
  let deviation = random.normal();
  return Array.from({ length: count }, () => {
    let sum = 0;
    for (let step = 0; step < STEPS; step++) {
      deviation = keep * deviation + Math.sqrt(1 - keep ** 2) * random.normal();
      sum += deviation;
    }
    return 10 + sum / STEPS;
  });
}

const halfWidthOfMean = (values: readonly number[]): number => meanError(values).halfWidth;

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

describe('meanError', () => {
  test('covers the mean of independent and of correlated readings about as often as it says', () => {
    expect(coverage(20, 0)).toBeGreaterThan(0.94);
    expect(coverage(40, 1.2)).toBeGreaterThan(0.925);
    for (const correlation_widths of [0.3, 0.6, 1.2]) {
      expect(coverage(200, correlation_widths)).toBeGreaterThan(0.935);
      expect(coverage(200, correlation_widths)).toBeLessThan(0.965);
    }
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

describe('pooledError', () => {
  test('of one part is that part', () => {
    expect(pooledError([{ halfWidth: 0.2, df: 7 }])).toEqual({ halfWidth: 0.2, df: 7 });
    expect(pooledError([{ halfWidth: 0, df: 3 }]).halfWidth).toBe(0);
  });

  test('of two alike knows twice as much of the spread: less than their half-widths in quadrature', () => {
    const one = { halfWidth: 1, df: 4 };
    const both = pooledError([one, one]);
    expect(both.df).toBeCloseTo(8, 9);
    // t(4) = 2.776, t(8) = 2.306
    expect(both.halfWidth).toBeCloseTo((Math.SQRT2 * 2.306) / 2.776, 3);
  });

  test('covers the sum of two means of few readings as often as it says', () => {
    let held = 0;
    for (let seed = 0; seed < 2000; seed++) {
      const [a, b] = [series(5, 0, 2 * seed), series(5, 0, 2 * seed + 1)];
      const mean = (values: readonly number[]): number => values.reduce((sum, one) => sum + one, 0) / 5;
      if (Math.abs(mean(a) + mean(b) - 20) <= pooledError([meanError(a), meanError(b)]).halfWidth) held++;
    }
    expect(held / 2000).toBeGreaterThan(0.94);
    expect(held / 2000).toBeLessThan(0.98);
  });
});

/** AR(1) values. */
function instants(count: number, correlation: number, seed: number): number[] {
  const random = seededRandom(seed);
  let deviation = random.normal();
  return Array.from({ length: count }, () => {
    deviation = correlation * deviation + Math.sqrt(1 - correlation ** 2) * random.normal();
    return 10 + deviation;
  });
}

describe('lagCorrelation', () => {
  test('corrects the bias of short series and stays within [0, 1]', () => {
    const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
    const estimates = Array.from({ length: 500 }, (_, seed) => lagCorrelation(instants(30, 0.5, seed)));
    expect(mean(estimates)).toBeGreaterThan(0.45);
    expect(mean(estimates)).toBeLessThan(0.55);
    expect(lagCorrelation([5, 1, 8, 2, 7, 3])).toBe(0);
  });
});
