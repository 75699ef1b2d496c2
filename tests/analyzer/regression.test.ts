import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { leastSquares, type RegressionItem, varianceInflation } from '../../src/analyzer/regression.ts';
import { seededRandom } from '../support/seeded-random.ts';

/** Prompt and answer lengths of `energy-grid-v1`, three times each; 20 tokens of template. */
const GRID = [128, 512, 2048, 8192].flatMap((input) =>
  [32, 128, 512].flatMap((output) =>
    Array.from({ length: 3 }, () => ({ prompt: input + 20, decoded: output - 1 })),
  ),
);
const CONTEXT = 3000;
/** Joules: fixed, a prompt token, a decoded token at a context of 3,000, and its growth with context. */
const TRUTH = [3, 0.02, 0.6, 0.6 * 2e-4] as const;

function itemsOf(errorOf: (mean: number) => number): RegressionItem[] {
  return GRID.map(({ decoded, prompt }) => {
    const regressors = [prompt, decoded, decoded * (prompt + (decoded + 1) / 2 - CONTEXT)];
    const mean = TRUTH[0] + TRUTH[1] * prompt + TRUTH[2] * decoded + TRUTH[3] * (regressors[2] ?? 0);
    return { regressors, value: mean + errorOf(mean) };
  });
}

interface Recovery {
  readonly held: readonly number[];
  readonly errors: readonly (readonly number[])[];
}

/** How often the 95 % interval of each coefficient holds the truth, and the relative errors. */
function recovery(count: number, errorOf: (mean: number, normal: number) => number): Recovery {
  const held = [0, 0, 0, 0];
  const errors: number[][] = [[], [], [], []];
  for (let seed = 1; seed <= count; seed++) {
    const random = seededRandom(seed * 7919);
    const fit = leastSquares(itemsOf((mean) => errorOf(mean, random.normal())));
    for (const [j, truth] of TRUTH.entries()) {
      const { halfWidth, value } = fit?.coefficients[j] ?? { halfWidth: 0, value: Number.NaN };
      if (Math.abs(value - truth) <= halfWidth) held[j] = (held[j] ?? 0) + 1;
      errors[j]?.push(Math.abs(value / truth - 1));
    }
  }
  return { held: held.map((one) => one / count), errors };
}

function p95(values: readonly number[] | undefined): number {
  const sorted = [...(values ?? [])].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length * 0.95)] ?? Number.NaN;
}

describe('leastSquares on the grid of lengths', () => {
  test.each([
    ['grows with the energy', (mean: number, normal: number) => 0.015 * mean * normal],
    ['is the same everywhere', (_mean: number, normal: number) => 1.5 * normal],
  ])('holds prefill and decode in 93 to 97 % of 1,000 experiments where the error %s', (_what, errorOf) => {
    const { errors, held } = recovery(1000, errorOf);
    for (const j of [1, 2]) {
      expect(held[j]).toBeGreaterThanOrEqual(0.93);
      expect(held[j]).toBeLessThanOrEqual(0.975);
    }
    expect(p95(errors[1])).toBeLessThan(0.05);
    expect(p95(errors[2])).toBeLessThan(0.03);
  });

  test('is exact without error, and its residuals are none', () => {
    const fit = leastSquares(itemsOf(() => 0));
    for (const [j, truth] of TRUTH.entries()) expect(fit?.coefficients[j]?.value).toBeCloseTo(truth, 9);
    for (const residual of fit?.residuals ?? [1]) expect(residual).toBeCloseTo(0, 6);
  });

  test('does not depend on the order of trials, and scales with the unit of energy', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1e6 }),
        fc.double({ min: 1e-3, max: 1e3, noNaN: true }),
        (seed, factor) => {
          const random = seededRandom(seed);
          const items = itemsOf(() => random.normal());
          const fit = leastSquares(items)?.coefficients ?? [];
          const other = leastSquares(
            items.toReversed().map((item) => ({ ...item, value: factor * item.value })),
          )?.coefficients;
          for (const [j, { halfWidth, value }] of fit.entries()) {
            expect((other?.[j]?.value ?? 0) / factor / value).toBeCloseTo(1, 6);
            expect((other?.[j]?.halfWidth ?? 0) / factor / halfWidth).toBeCloseTo(1, 6);
          }
        },
      ),
      { numRuns: 30 },
    );
  });

  test('there is none without four observations to spare, or where regressors depend on each other', () => {
    expect(leastSquares(itemsOf(() => 0).slice(0, 7))).toBeNull();
    expect(leastSquares([])).toBeNull();
    const twice = Array.from({ length: 20 }, (_, i) => ({ value: i, regressors: [i, 2 * i] }));
    expect(leastSquares(twice)).toBeNull();
  });
});

describe('varianceInflation', () => {
  test('is 1 on a crossed grid, and below 5 on that of energy-grid-v1', () => {
    const crossed = [1, 2, 3].flatMap((a) => [1, 2].map((b) => ({ value: 0, regressors: [a, b] })));
    expect(varianceInflation(crossed)).toBeCloseTo(1, 9);
    expect(varianceInflation(itemsOf(() => 0))).toBeLessThan(5);
  });

  test('two regressors that go together inflate by 1/(1 − r²); a constant one without end', () => {
    const random = seededRandom(4);
    const items = Array.from({ length: 4000 }, () => {
      const a = random.normal();
      return { value: 0, regressors: [a, 0.9 * a + Math.sqrt(1 - 0.81) * random.normal()] };
    });
    expect(varianceInflation(items)).toBeGreaterThan(4.7);
    expect(varianceInflation(items)).toBeLessThan(5.9);
    expect(
      varianceInflation(items.map(({ value, regressors }) => ({ value, regressors: [...regressors, 1] }))),
    ).toBe(Number.POSITIVE_INFINITY);
  });
});
