import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bootstrapInterval } from '../../src/analyzer/bootstrap.ts';
import { type RatioItem, ratioInterval } from '../../src/analyzer/ratio-interval.ts';
import { seededRandom } from '../support/seeded-random.ts';

/** `repetitions` of two prompts with 5 % spread of their cost; `skewed`: exponential instead of normal. */
function itemsOf(repetitions: number, seed: number, skewed = false): RatioItem[] {
  const random = seededRandom(seed);
  return ['a', 'b'].flatMap((stratum, i) =>
    Array.from({ length: repetitions }, () => {
      const under = 100 * (i + 1) + Math.round(random.between(-10, 10));
      const deviate = skewed ? random.exponential(1) - 1 : random.normal();
      return { stratum, under, over: under * (2 + 0.5 * i) * (1 + 0.05 * deviate) };
    }),
  );
}

const TRUTH = (100 * 2 + 200 * 2.5) / 300;

function coverage(repetitions: number, count: number, skewed: boolean): number {
  let held = 0;
  for (let seed = 1; seed <= count; seed++) {
    const [low, high] = bootstrapInterval(itemsOf(repetitions, seed, skewed)) ?? [0, 0];
    if (low <= TRUTH && TRUTH <= high) held++;
  }
  return held / count;
}

describe('bootstrapInterval', () => {
  test.each([
    [5, false],
    [15, false],
    [15, true],
  ])('with twice %i trials (skewed: %s) covers the true ratio about as often as it says', (n, skewed) => {
    const share = coverage(n, 80, skewed);
    expect(share).toBeGreaterThan(0.9);
    expect(share).toBeLessThan(0.99);
  });

  test('agrees with the linearised interval where costs vary evenly', () => {
    const items = itemsOf(40, 3);
    const [low, high] = ratioInterval(items) ?? [0, 0];
    const [lower, higher] = bootstrapInterval(items) ?? [0, 0];
    expect((higher - lower) / (high - low)).toBeCloseTo(1, 1);
  });

  test('there is none below ten trials, with fewer than five of a prompt, or where nothing varies', () => {
    expect(bootstrapInterval(itemsOf(4, 1))).toBeNull();
    expect(bootstrapInterval([...itemsOf(5, 1), { stratum: 'c', over: 1, under: 1 }])).toBeNull();
    const even = itemsOf(10, 1).map((item) => ({ ...item, over: 2 * item.under }));
    expect(bootstrapInterval(even)).toBeNull();
    expect(bootstrapInterval([])).toBeNull();
  });

  test('a half-width shared by all trials adds in quadrature on either side', () => {
    const items = itemsOf(6, 2);
    const value =
      items.reduce((sum, { over }) => sum + over, 0) / items.reduce((sum, { under }) => sum + under, 0);
    const [low, high] = bootstrapInterval(items) ?? [0, 0];
    const [lower, higher] = bootstrapInterval(items, 0.3) ?? [0, 0];
    expect(value - lower).toBeCloseTo(Math.hypot(value - low, 0.3), 9);
    expect(higher - value).toBeCloseTo(Math.hypot(high - value, 0.3), 9);
  });

  test('is the same each time, and scales with the unit of energy', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1e6 }),
        fc.double({ min: 0.01, max: 100, noNaN: true }),
        (seed, factor) => {
          const items = itemsOf(5, seed);
          const [low, high] = bootstrapInterval(items) ?? [0, 0];
          expect(bootstrapInterval(items)).toEqual([low, high]);
          const scaled = items.map((item) => ({ ...item, over: factor * item.over }));
          const [lower, higher] = bootstrapInterval(scaled) ?? [0, 0];
          expect(lower / factor).toBeCloseTo(low, 6);
          expect(higher / factor).toBeCloseTo(high, 6);
        },
      ),
      { numRuns: 5 },
    );
  });
});
