import { describe, expect, test } from 'vitest';
import { type RatioItem, ratioInterval, ratioOf } from '../../src/analyzer/ratio-interval.ts';
import { seededRandom } from '../support/seeded-random.ts';

/** `repetitions` of three prompts of different length and cost, with 5 % spread of the cost. */
function itemsOf(repetitions: number, seed: number): RatioItem[] {
  const random = seededRandom(seed);
  return ['a', 'b', 'c'].flatMap((stratum, i) =>
    Array.from({ length: repetitions }, () => {
      const under = 100 * (i + 1) + Math.round(random.between(-10, 10));
      return { stratum, under, over: under * (2 + 0.5 * i) * (1 + 0.05 * random.normal()) };
    }),
  );
}

const TRUTH = (100 * 2 + 200 * 2.5 + 300 * 3) / 600;

describe('ratioInterval', () => {
  test.each([2, 5, 10])(
    'covers the true ratio about as often as it says with %i repetitions',
    (repetitions) => {
      let held = 0;
      const count = 1500;
      for (let seed = 0; seed < count; seed++) {
        const [low, high] = ratioInterval(itemsOf(repetitions, seed)) ?? [0, 0];
        if (low <= TRUTH && TRUTH <= high) held++;
      }
      expect(held / count).toBeGreaterThan(0.93);
      expect(held / count).toBeLessThan(0.985);
    },
  );

  test('does not widen because prompts cost differently: only spread within a prompt counts', () => {
    const exact = itemsOf(4, 1).map((item) => ({
      ...item,
      under: 100,
      over: item.stratum === 'a' ? 100 : 300,
    }));
    const [low, high] = ratioInterval(exact) ?? [0, 0];
    expect(high - low).toBeCloseTo(0, 9);
  });

  test('one repetition of a prompt gives no interval', () => {
    expect(ratioInterval(itemsOf(1, 1))).toBeNull();
    expect(ratioInterval([...itemsOf(5, 1), { stratum: 'd', over: 1, under: 1 }])).toBeNull();
    expect(ratioInterval([])).toBeNull();
  });

  test('an error shared by all trials adds in quadrature where both are well known', () => {
    const items = itemsOf(400, 2);
    const [low, high] = ratioInterval(items) ?? [0, 0];
    const [lower, higher] = ratioInterval(items, { halfWidth: 0.3, df: 1e6 }) ?? [0, 0];
    expect((higher - lower) / 2).toBeCloseTo(Math.hypot((high - low) / 2, 0.3), 4);
  });
});

describe('ratioOf', () => {
  test('is the sum over the sum, not the mean of ratios', () => {
    expect(
      ratioOf([
        { stratum: 'a', over: 10, under: 1 },
        { stratum: 'a', over: 10, under: 9 },
      ]),
    ).toBe(2);
    expect(ratioOf([])).toBeNull();
  });
});
