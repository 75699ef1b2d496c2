import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findBreaks } from '../../src/analyzer/breaks.ts';
import { lowerSlope } from '../../src/analyzer/lower-hull.ts';
import { fitSegment } from '../../src/analyzer/segment.ts';
import { slidingMinimum } from '../../src/analyzer/sliding-minimum.ts';
import { seededRandom } from '../support/seeded-random.ts';

describe('slidingMinimum', () => {
  test('equals the minimum of each slice', () => {
    const values = fc.array(fc.double({ noNaN: true, min: -1e3, max: 1e3 }), { maxLength: 60 });
    fc.assert(
      fc.property(values, fc.integer({ min: 1, max: 40 }), (list, count) => {
        const least = slidingMinimum(Float64Array.from(list), count);
        expect([...least]).toEqual(list.map((_, i) => Math.min(...list.slice(i, i + count))));
      }),
    );
  });
});

describe('lowerSlope', () => {
  test('finds the rate under delays that only add', () => {
    const random = seededRandom(1);
    const x = Float64Array.from({ length: 2000 }, (_, i) => i * 0.5);
    const y = x.map((t_s) => 0.3 + 40e-6 * t_s + random.exponential(0.01));
    expect(lowerSlope(x, y)).toBeCloseTo(40e-6, 6);
  });

  test('lies below every point', () => {
    const point = fc.tuple(
      fc.double({ min: 0.01, max: 1, noNaN: true }),
      fc.double({ min: 0, max: 1, noNaN: true }),
    );
    fc.assert(
      fc.property(fc.array(point, { minLength: 2, maxLength: 50 }), (points) => {
        let sum = 0;
        const x = Float64Array.from(points, ([step]) => (sum += step));
        const y = Float64Array.from(points, ([, value]) => value);
        const slope = lowerSlope(x, y);
        const least = Math.min(...y.map((value, i) => value - slope * (x[i] ?? 0)));
        const touched = y.filter((value, i) => Math.abs(value - slope * (x[i] ?? 0) - least) < 1e-9);
        expect(touched.length).toBeGreaterThanOrEqual(2);
      }),
    );
  });

  test('is 0 where there is nothing to fit', () => {
    expect(lowerSlope(Float64Array.of(1), Float64Array.of(1))).toBe(0);
  });
});

describe('fitSegment', () => {
  const chain_s = Float64Array.from({ length: 1000 }, (_, i) => i);

  test('takes no rate from a segment of 300 s or less', () => {
    const short_s = chain_s.slice(0, 300);
    const fit = fitSegment(
      short_s,
      short_s.map((t_s) => 1e-4 * t_s),
    );
    expect(fit.place(0)).toBe(0);
    expect(fit.place(200)).toBe(200);
  });

  test('follows a rate up to 500 ppm and refuses what lies beyond', () => {
    const within = fitSegment(
      chain_s,
      chain_s.map((t_s) => 4e-4 * t_s),
    );
    expect(within.rateRefused).toBe(false);
    expect(within.place(500)).toBeCloseTo(500.2, 6);
    expect(
      fitSegment(
        chain_s,
        chain_s.map((t_s) => 6e-4 * t_s),
      ).rateRefused,
    ).toBe(true);
  });
});

describe('findBreaks', () => {
  const flat = (count: number, value = 0): number[] => Array.from({ length: count }, () => value);

  test('a lasting rise is a loss, a passing one a stall', () => {
    const lost = Float64Array.from([...flat(50), ...flat(50, 0.5)]);
    expect(findBreaks(lost, 0.5, new Set())).toEqual([{ index: 50, sort: 'late' }]);
    const stalled = Float64Array.from([...flat(50), 2, 1.5, 1, 0.5, ...flat(50)]);
    expect(findBreaks(stalled, 0.5, new Set())).toEqual([]);
  });

  test('two losses close to one another are two breaks', () => {
    const lost = Float64Array.from([...flat(50), ...flat(10, 0.5), ...flat(50, 1)]);
    expect(findBreaks(lost, 0.5, new Set()).map((one) => one.index)).toEqual([50, 60]);
  });

  test('frames delayed at the very end are no loss yet', () => {
    expect(findBreaks(Float64Array.from([...flat(50), ...flat(5, 0.9)]), 0.5, new Set())).toEqual([]);
  });

  test('a lasting fall is time that was counted twice', () => {
    const twice = Float64Array.from([...flat(50), ...flat(50, -0.5)]);
    expect(findBreaks(twice, 0.5, new Set())).toEqual([{ index: 50, sort: 'early' }]);
  });
});
