import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SampleSeries } from '../../src/core/sample.ts';
import { timelineOf } from '../../src/rendering/timeline.ts';

interface Reading {
  readonly gap_s: number;
  readonly width_s: number;
  readonly power_W: number;
}

const readings = fc.array(
  fc.record({
    gap_s: fc.constantFrom(0, 0, 0, 3),
    width_s: fc.double({ min: 0.01, max: 2, noNaN: true }),
    power_W: fc.double({ min: 0, max: 100, noNaN: true }),
  }),
  { minLength: 1, maxLength: 300 },
);

function seriesOf(all: readonly Reading[], domain = 'soc'): SampleSeries {
  let now_s = 0;
  const rows = all.map(({ gap_s, width_s, power_W }) => {
    const start_s = now_s + gap_s;
    now_s = start_s + width_s;
    return { start_s, end_s: now_s, energy_J: power_W * width_s };
  });
  return {
    domain,
    kind: 'mean',
    start_s: Float64Array.from(rows, (row) => row.start_s),
    end_s: Float64Array.from(rows, (row) => row.end_s),
    energy_J: Float64Array.from(rows, (row) => row.energy_J),
    startPower_W: new Float64Array(),
    endPower_W: new Float64Array(),
  };
}

const sumOf = (values: Iterable<number>): number => [...values].reduce((sum, value) => sum + value, 0);

describe('timelineOf', () => {
  test('loses no peak, no trough, no joule and no reading, at any number of pixels', () => {
    fc.assert(
      fc.property(readings, fc.integer({ min: 1, max: 60 }), (all, pixels) => {
        const series = seriesOf(all);
        const points = timelineOf([series], pixels);
        const powers_W = [...series.energy_J].map(
          (energy_J, i) => energy_J / ((series.end_s[i] ?? 0) - (series.start_s[i] ?? 0)),
        );
        expect(points.length).toBeLessThanOrEqual(Math.max(pixels, 1));
        expect(Math.max(...points.map(({ max_W }) => max_W))).toBe(Math.max(...powers_W));
        expect(Math.min(...points.map(({ min_W }) => min_W))).toBe(Math.min(...powers_W));
        expect(sumOf(points.map(({ energy_J }) => energy_J))).toBeCloseTo(sumOf(series.energy_J), 6);
        expect(sumOf(points.map(({ count }) => count))).toBe(all.length);
        expect(points[0]?.start_s).toBe(series.start_s[0]);
        expect(points.at(-1)?.end_s).toBe(series.end_s.at(-1));
      }),
    );
  });

  test('no more readings than pixels stay as they are', () => {
    const series = seriesOf([
      { gap_s: 0, width_s: 1, power_W: 5 },
      { gap_s: 2, width_s: 0.5, power_W: 8 },
    ]);
    expect(timelineOf([series], 2)).toEqual([
      { domain: 'soc', start_s: 0, end_s: 1, min_W: 5, max_W: 5, mean_W: 5, energy_J: 5, count: 1 },
      { domain: 'soc', start_s: 3, end_s: 3.5, min_W: 8, max_W: 8, mean_W: 8, energy_J: 4, count: 1 },
    ]);
  });

  test('a gauge’s peak is one of its readings, not the mean between two', () => {
    const series: SampleSeries = {
      ...seriesOf([{ gap_s: 0, width_s: 1, power_W: 15 }]),
      kind: 'gauge',
      startPower_W: Float64Array.of(10),
      endPower_W: Float64Array.of(20),
    };
    expect(timelineOf([series])[0]).toMatchObject({ min_W: 10, max_W: 20, mean_W: 15 });
  });

  test('rails share one time axis: a pixel is the same stretch in all of them', () => {
    const long = seriesOf(
      Array.from({ length: 100 }, () => ({ gap_s: 0, width_s: 1, power_W: 1 })),
      'cpu',
    );
    const short = seriesOf(
      Array.from({ length: 50 }, () => ({ gap_s: 0, width_s: 1, power_W: 2 })),
      'gpu',
    );
    const points = timelineOf([long, short], 10);
    expect(points.filter(({ domain }) => domain === 'cpu').length).toBe(10);
    expect(points.filter(({ domain }) => domain === 'gpu').length).toBe(5);
  });

  test('nothing gives nothing, and a reading without width gives no infinite power', () => {
    expect(timelineOf([])).toEqual([]);
    expect(timelineOf([seriesOf([])])).toEqual([]);
    const point = timelineOf([seriesOf([{ gap_s: 0, width_s: 0, power_W: 5 }])])[0];
    expect([point?.min_W, point?.max_W, point?.mean_W]).toEqual([0, 0, 0]);
  });
});
