import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { RatioItem } from '../../src/analyzer/ratio-interval.ts';
import { areCorrelated } from '../../src/analyzer/trial-correlation.ts';
import { seededRandom } from '../support/seeded-random.ts';

/** `repetitions` of prompts of different cost, one after the other; the error of a trial keeps `keep` of the last one's. */
function itemsOf(prompts: number, repetitions: number, run: { seed: number; keep: number }): RatioItem[] {
  const random = seededRandom(run.seed * 104_729);
  let error = random.normal();
  return Array.from({ length: repetitions }, () =>
    Array.from({ length: prompts }, (_, i) => {
      error = run.keep * error + Math.sqrt(1 - run.keep ** 2) * random.normal();
      return { stratum: `p${i}`, under: 100, over: 100 * (1 + Math.floor(i / 3)) + 3 * error };
    }),
  ).flat();
}

function share(prompts: number, repetitions: number, keep: number): number {
  const count = 1000;
  let found = 0;
  for (let seed = 1; seed <= count; seed++)
    if (areCorrelated(itemsOf(prompts, repetitions, { seed, keep }))) found++;
  return found / count;
}

describe('areCorrelated', () => {
  test.each([
    [1, 10],
    [1, 40],
    [9, 5],
    [3, 12],
    [12, 2],
  ])(
    'of %i prompts, %i times each: hardly ever where trials are independent, though prompts differ',
    (p, r) => {
      expect(share(p, r, 0)).toBeLessThanOrEqual(0.01);
    },
  );

  test('finds most runs of 40 trials whose errors keep 0.7 of the one before', () => {
    expect(share(1, 40, 0.7)).toBeGreaterThan(0.9);
  });

  test('says nothing below eight trials', () => {
    const rising = Array.from({ length: 12 }, (_, i) => ({ stratum: 'p', under: 100, over: 100 + i }));
    expect(areCorrelated(rising.slice(0, 7))).toBe(false);
    expect(areCorrelated(rising)).toBe(true);
  });

  test('does not depend on the unit of energy', () => {
    fc.assert(
      fc.property(fc.nat(1000), fc.double({ min: 1e-3, max: 1e3, noNaN: true }), (seed, factor) => {
        const items = itemsOf(2, 8, { seed, keep: 0.6 });
        const scaled = items.map((item) => ({ ...item, over: factor * item.over }));
        expect(areCorrelated(scaled)).toBe(areCorrelated(items));
      }),
    );
  });
});
