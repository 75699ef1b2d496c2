import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createNoise, normalOf, uniformOf } from '../../src/simulator/noise.ts';

const SETTINGS = { deviationRatio: 0.08, correlation_s: 0.1, cell_s: 0.02 };
const CELLS = 40_000;

function factors(seed: number, stream = 0, first = 5_000_000): number[] {
  const noise = createNoise(SETTINGS, seed, stream);
  return Array.from({ length: CELLS }, (_, i) => noise.factorOf(first + i));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Covariance of the deviations from 1 at the given lag. */
function covariance(values: readonly number[], lag: number): number {
  return mean(values.slice(lag).map((value, i) => (value - 1) * ((values[i] ?? 1) - 1)));
}

describe('createNoise', () => {
  test('has mean 1 and the deviation asked for', () => {
    const values = factors(7);
    expect(mean(values)).toBeCloseTo(1, 2);
    expect(Math.sqrt(covariance(values, 0))).toBeCloseTo(0.08, 2);
  });

  test('decays in autocorrelation as AR(1) with the correlation time asked for', () => {
    const values = factors(8);
    for (const lag of [1, 5, 10]) {
      expect(covariance(values, lag) / covariance(values, 0)).toBeCloseTo(Math.exp((-lag * 0.02) / 0.1), 1);
    }
  });

  test('is as correlated across the borders of its blocks as inside them', () => {
    const noise = createNoise(SETTINGS, 9, 0);
    const jumps = (offset: number): number =>
      mean(
        Array.from(
          { length: 1500 },
          (_, i) => (noise.factorOf(512 * i + offset) - noise.factorOf(512 * i + offset - 1)) ** 2,
        ),
      );
    expect(jumps(0) / jumps(256)).toBeGreaterThan(0.8);
    expect(jumps(0) / jumps(256)).toBeLessThan(1.25);
  });

  test('gives a cell the same factor in any order of asking, in any instance', () => {
    const forward = createNoise(SETTINGS, 3, 1);
    fc.assert(
      fc.property(fc.integer({ min: -(2 ** 34), max: 2 ** 34 }), (cell) => {
        const once = forward.factorOf(cell);
        expect(createNoise(SETTINGS, 3, 1).factorOf(cell)).toBe(once);
        expect(forward.factorOf(cell)).toBe(once);
      }),
    );
  });

  test('differs between seeds and between streams', () => {
    expect(mean(factors(1).map((value, i) => (value - 1) * ((factors2[i] ?? 1) - 1)))).toBeCloseTo(0, 3);
    expect(factors(1)[0]).not.toBe(factors(1, 1)[0]);
  });
  const factors2 = factors(2);

  test('without deviation is exactly 1', () => {
    expect(createNoise({ ...SETTINGS, deviationRatio: 0 }, 1, 0).factorOf(12)).toBe(1);
  });

  test.each([
    { ...SETTINGS, deviationRatio: -0.1 },
    { ...SETTINGS, deviationRatio: 0.5 },
    { ...SETTINGS, cell_s: 0 },
    { ...SETTINGS, correlation_s: Number.NaN },
  ])('refuses %o', (settings) => {
    expect(() => createNoise(settings, 1, 0)).toThrow(expect.objectContaining({ code: 'USAGE' }));
  });
});

describe('uniformOf', () => {
  test('fills the unit interval evenly, also beyond 32 bits of index', () => {
    for (const first of [0, 2 ** 33]) {
      const bins = new Array<number>(10).fill(0);
      for (let i = 0; i < 20_000; i++) {
        const bin = Math.floor(uniformOf(5, 0, first + i) * 10);
        bins[bin] = (bins[bin] ?? 0) + 1;
      }
      for (const count of bins) expect(Math.abs(count - 2000)).toBeLessThan(220);
    }
  });
});

describe('normalOf', () => {
  test('has the normal share within one deviation', () => {
    const draws = Array.from({ length: 20_000 }, (_, i) => normalOf(11, 2, i));
    expect(draws.filter((draw) => Math.abs(draw) < 1).length / draws.length).toBeCloseTo(0.6827, 1);
    expect(draws.every(Number.isFinite)).toBe(true);
  });
});
