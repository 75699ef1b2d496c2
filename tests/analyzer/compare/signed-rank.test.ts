import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { signedRank } from '../../../src/analyzer/compare/signed-rank.ts';

/** Twice the lighter tail by looking at every pattern of signs. */
function bruteForceP(statistic: number, n: number): number {
  let atMost = 0;
  let atLeast = 0;
  for (let pattern = 0; pattern < 2 ** n; pattern++) {
    let sum = 0;
    for (let rank = 1; rank <= n; rank++) if (pattern & (1 << (rank - 1))) sum += rank;
    if (sum <= statistic) atMost++;
    if (sum >= statistic) atLeast++;
  }
  return Math.min(1, (2 * Math.min(atMost, atLeast)) / 2 ** n);
}

describe('signedRank', () => {
  test("the depression scores of Hollander & Wolfe's table 3.1: V = 40, p = 0.03906", () => {
    const before = [1.83, 0.5, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.3];
    const after = [0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29];
    const result = signedRank(before.map((x, i) => x - (after[i] ?? 0)));
    expect(result).toMatchObject({ n: 9, statistic: 40, isExact: true });
    expect(result?.p).toBeCloseTo(0.03906, 5);
  });

  test('twelve pairs on one side: the least p that twelve pairs can give, 2/4096', () => {
    const result = signedRank(Array.from({ length: 12 }, (_, i) => i + 1));
    expect(result?.p).toBeCloseTo(2 / 4096, 12);
  });

  test('counts of sign patterns agree with looking at every one', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: 1, max: 1000 }), { minLength: 1, maxLength: 12 }),
        fc.infiniteStream(fc.boolean()),
        (sizes, signs) => {
          const differences = sizes.map((size) => (signs.next().value === true ? size : -size));
          const result = signedRank(differences);
          expect(result?.p).toBeCloseTo(bruteForceP(result?.statistic ?? -1, sizes.length), 12);
        },
      ),
      { numRuns: 50 },
    );
  });

  test('ties get mid-ranks and the normal approximation with its corrections', () => {
    // Ranks of 1 1 2 2 3 4 4 5: 1.5 1.5 3.5 3.5 5 6.5 6.5 8; negative: 1 and 4, 1.5 + 6.5 = 8 of 36.
    const result = signedRank([1, -1, 2, 2, 3, 4, -4, 5]);
    expect(result).toMatchObject({ n: 8, statistic: 28, isExact: false });
    // Mean 18, variance 8·9·17/24 − 3·(2³−2)/48 = 50.625; z = 9.5/√50.625 = 1.33518; 2·(1 − Φ(z)).
    expect(result?.p).toBeCloseTo(0.18182, 4);
  });

  test('beyond 50 pairs the normal approximation stands close to the exact value', () => {
    const differences = Array.from({ length: 51 }, (_, i) => (i % 3 === 0 ? -1 : 1) * (i + 1));
    const exact = signedRank(differences.slice(0, 50));
    const normal = signedRank(differences);
    expect([exact?.isExact, normal?.isExact]).toEqual([true, false]);
    expect(Math.abs((exact?.p ?? 0) - (normal?.p ?? 0))).toBeLessThan(0.02);
  });

  test('pairs without a difference are left out; without any difference there is no test', () => {
    expect(signedRank([0, 0])).toBeNull();
    expect(signedRank([])).toBeNull();
    expect(signedRank([0, 1, 2])?.n).toBe(2);
  });

  test('turning all signs keeps p', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -20, max: 20 }), { minLength: 1, maxLength: 60 }), (d) => {
        const one = signedRank(d);
        const turned = signedRank(d.map((x) => -x));
        expect(turned === null).toBe(one === null);
        expect(turned?.p ?? 0).toBeCloseTo(one?.p ?? 0, 12);
      }),
    );
  });
});
