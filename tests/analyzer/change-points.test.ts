import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { changePoints } from '../../src/analyzer/change-points.ts';
import { seededRandom } from '../support/seeded-random.ts';

const RULE = { p: 0.01, least: 3, step: 0.03 };
const noise = (seed: number, count: number, spread: number): number[] => {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () => spread * random.normal());
};
const stepped = (seed: number, levels: readonly (readonly [count: number, level: number])[]): number[] =>
  levels.flatMap(([count, level], i) => noise(seed * 10 + i, count, 0.01).map((value) => value + level));

describe('changePoints', () => {
  test('finds a step of five times the scatter where it is, with a p to the thousandth', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const found = changePoints(
        stepped(seed, [
          [9, 0],
          [8, 0.05],
        ]),
        RULE,
      );
      expect(found.map(({ at }) => at)).toEqual([9]);
      expect(found[0]?.p).toBeLessThanOrEqual(0.005);
    }
  });

  test('finds two steps, also where the second takes the first back', () => {
    for (let seed = 1; seed <= 10; seed++) {
      const found = changePoints(
        stepped(seed, [
          [12, 0],
          [12, 0.06],
          [12, 0],
        ]),
        RULE,
      );
      expect(found.map(({ at }) => at)).toEqual([12, 24]);
    }
  });

  test('shows a change in about two of a hundred sequences that have none, as p = 0.01 for two tests allows', () => {
    const random = seededRandom(11);
    const sequences = Array.from({ length: 300 }, () => Array.from({ length: 16 }, () => random.normal()));
    const alarms = sequences.filter((values) => changePoints(values, { ...RULE, step: 0 }).length > 0);
    expect(alarms.length).toBeLessThanOrEqual(12);
  });

  test('one odd value is no level, neither within nor at the end', () => {
    for (const at of [5, 19]) {
      const values = noise(3, 20, 0.01).map((value, i) => (i === at ? value + 0.3 : value));
      expect(changePoints(values, RULE)).toEqual([]);
    }
  });

  test('a step below the one that counts is none, however clear', () => {
    expect(
      changePoints(
        stepped(4, [
          [20, 0],
          [20, 0.02],
        ]),
        RULE,
      ),
    ).toEqual([]);
  });

  test('is silent of so few values that no ordering could be rare enough', () => {
    expect(changePoints([0, 0.001, -0.001, 1, 1.001, 0.999], RULE)).toEqual([]);
    expect(changePoints([], RULE)).toEqual([]);
    expect(changePoints([1], RULE)).toEqual([]);
  });

  test('equal values never change', () => {
    expect(
      changePoints(new Array<number>(30).fill(0.7), { ...RULE, step: 0 }).every(({ p }) => p === 1),
    ).toBe(true);
  });

  test('moves with the values, and gives the same for the same', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 1000 }),
        fc.double({ min: -50, max: 50, noNaN: true }),
        (seed, by) => {
          const values = stepped(seed, [
            [10, 0],
            [10, 0.08],
          ]);
          const found = changePoints(values, RULE);
          expect(changePoints(values, RULE)).toEqual(found);
          expect(
            changePoints(
              values.map((value) => value + by),
              RULE,
            ).map(({ at }) => at),
          ).toEqual(found.map(({ at }) => at));
        },
      ),
      { numRuns: 20 },
    );
  });
});
