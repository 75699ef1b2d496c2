import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { halfWidth_W, isLongEnough } from '../../src/orchestrator/baseline-length.ts';

/** Reproducible standard normal numbers (Box–Muller over a linear congruential generator). */
function normals(seed: number): () => number {
  let state = seed;
  const uniform = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state + 0.5) / 2 ** 32;
  };
  return () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
}

/** Share of 400 baselines of AR(1) noise around 5 W whose interval holds 5 W. */
function coverage(n: number, correlation: number): number {
  const next = normals(7);
  let held = 0;
  for (let trial = 0; trial < 400; trial++) {
    let level = next();
    const powers_W = Array.from({ length: n }, () => {
      level = correlation * level + Math.sqrt(1 - correlation ** 2) * next();
      return 5 + 0.4 * level;
    });
    const mean_W = powers_W.reduce((sum, power) => sum + power, 0) / n;
    if (Math.abs(mean_W - 5) <= halfWidth_W(powers_W)) held += 1;
  }
  return held / 400;
}

describe('halfWidth_W', () => {
  test('two readings give the textbook interval with one degree of freedom', () => {
    expect(halfWidth_W([4, 6])).toBeCloseTo((12.706 * Math.SQRT2) / Math.SQRT2, 9);
  });

  test('equal readings leave no doubt; one reading leaves all', () => {
    expect(halfWidth_W([3, 3, 3])).toBe(0);
    expect(halfWidth_W([3])).toBe(Number.POSITIVE_INFINITY);
    expect(halfWidth_W([])).toBe(Number.POSITIVE_INFINITY);
  });

  test('doubles with the power and does not move with its level', () => {
    const powers = fc.array(fc.double({ min: 0, max: 100, noNaN: true }), { minLength: 3, maxLength: 50 });
    fc.assert(
      fc.property(powers, (powers_W) => {
        const half_W = halfWidth_W(powers_W);
        expect(half_W).toBeGreaterThanOrEqual(0);
        expect(halfWidth_W(powers_W.map((power_W) => 2 * power_W))).toBeCloseTo(2 * half_W, 6);
      }),
    );
    expect(halfWidth_W([1, 2, 4, 3, 2])).toBeCloseTo(halfWidth_W([11, 12, 14, 13, 12]), 9);
  });

  test.each([
    [20, 0],
    [20, 0.3],
    [60, 0.5],
  ])(
    '%i readings with correlation %d: the interval holds the true power about as often as it says',
    (n, rho) => {
      expect(coverage(n, rho)).toBeGreaterThan(0.91);
    },
  );
});

describe('isLongEnough', () => {
  const even_W = Array.from({ length: 20 }, (_, i) => 5 + (i % 2) * 0.1);
  const uneven_W = Array.from({ length: 20 }, (_, i) => 5 + (i % 4 < 2 ? 2 : -2));

  test('an even baseline is, an uneven one is not', () => {
    expect(isLongEnough(even_W, 30)).toBe(true);
    expect(isLongEnough(uneven_W, 30)).toBe(false);
  });

  test('unevenness matters less the more the work draws', () => {
    expect(isLongEnough(uneven_W, 30_000)).toBe(true);
  });

  test('what cannot be judged is not waited for', () => {
    expect(isLongEnough(uneven_W, null)).toBe(true);
    expect(isLongEnough(uneven_W, 4)).toBe(true);
    expect(isLongEnough([], 30)).toBe(true);
  });

  test('one reading judges nothing: it goes on', () => {
    expect(isLongEnough([5], 30)).toBe(false);
  });
});
