import { describe, expect, test } from 'vitest';
import { incompleteBeta, studentT } from '../../src/analyzer/student-t.ts';

describe('studentT', () => {
  // Source: table of Student's t in Abramowitz & Stegun, 26.10, and NIST/SEMATECH e-Handbook, 1.3.6.7.2.
  test.each([
    [0.975, 1, 12.706],
    [0.975, 2, 4.303],
    [0.975, 3, 3.182],
    [0.975, 4, 2.776],
    [0.975, 9, 2.262],
    [0.975, 29, 2.045],
    [0.975, 100, 1.984],
    [0.975, 1e6, 1.96],
    [0.95, 5, 2.015],
    [0.995, 5, 4.032],
    [0.995, 60, 2.66],
    [0.9, 10, 1.372],
  ])('the quantile %f at %f degrees of freedom is %f', (ratio, df, expected) => {
    expect(studentT(ratio, df)).toBeCloseTo(expected, 2.7);
  });

  test('agrees with closed forms at one and two degrees of freedom', () => {
    for (const ratio of [0.6, 0.75, 0.9, 0.975, 0.999]) {
      expect(studentT(ratio, 1)).toBeCloseTo(Math.tan(Math.PI * (ratio - 0.5)), 8);
      expect(studentT(ratio, 2)).toBeCloseTo((2 * ratio - 1) / Math.sqrt(2 * ratio * (1 - ratio)), 8);
    }
  });

  test('comes to an end whatever it is asked', () => {
    expect(studentT(0.975, Number.POSITIVE_INFINITY)).toBeCloseTo(1.959964, 5);
    expect(studentT(0.975, 1e15)).toBeCloseTo(1.959964, 5);
    expect(studentT(0.975, 3e-4)).toBe(Number.POSITIVE_INFINITY);
    expect(studentT(0.975, Number.NaN)).toBeNaN();
  });

  test('falls steadily with real degrees of freedom', () => {
    const quantiles = [1, 1.3, 1.9, 2.5, 7.1, 40.4].map((df) => studentT(0.975, df));
    expect(quantiles).toEqual([...quantiles].sort((a, b) => b - a));
  });
});

describe('incompleteBeta', () => {
  test('runs from 0 to 1 and mirrors', () => {
    expect(incompleteBeta(0, 2, 3)).toBe(0);
    expect(incompleteBeta(1, 2, 3)).toBe(1);
    expect(incompleteBeta(0.3, 2, 3) + incompleteBeta(0.7, 3, 2)).toBeCloseTo(1, 12);
  });

  test('of (1, b) is 1 − (1 − x)^b', () => {
    expect(incompleteBeta(0.2, 1, 4)).toBeCloseTo(1 - 0.8 ** 4, 12);
  });
});
