import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Timeline, timelineOf } from '../../src/analyzer/timeline.ts';
import { type Window, windowEnergy } from '../../src/analyzer/window-energy.ts';
import type { SampleKind, SampleSeries } from '../../src/core/sample.ts';
import { courseThrough, edgesBetween, gaugeSeries, meanSeries } from '../support/power-course.ts';
import { domainOf } from '../support/recording.ts';

const plain = (start_s: number, end_s: number): Window => ({
  start_s,
  end_s,
  beforeStart_s: null,
  beforeEnd_s: null,
});

const widths = fc.array(fc.double({ min: 0.05, max: 1.5, noNaN: true }), { minLength: 3, maxLength: 40 });
const powers = fc.array(fc.double({ min: 0.5, max: 50, noNaN: true }), { minLength: 41, maxLength: 41 });
const share = fc.double({ min: 0, max: 1, noNaN: true });
/** Two edges in order, as parts of a span. */
const twoShares = fc.tuple(share, share).map(([x, y]) => (x < y ? ([x, y] as const) : ([y, x] as const)));

interface Trace {
  readonly start_s: readonly number[];
  readonly end_s: readonly number[];
  readonly energy_J: readonly number[];
}

/** Consecutive samples with a hole of 0.2 s after each `holeEvery`-th. */
function traceOf(widths_s: readonly number[], powers_W: readonly number[], holeEvery = 1000): Trace {
  let t_s = 0;
  const rows = widths_s.map((width_s, i) => {
    const start_s = i > 0 && i % holeEvery === 0 ? t_s + 0.2 : t_s;
    t_s = start_s + width_s;
    return { start_s, end_s: t_s, energy_J: (powers_W[i] ?? 0) * width_s };
  });
  return {
    start_s: rows.map((row) => row.start_s),
    end_s: rows.map((row) => row.end_s),
    energy_J: rows.map((row) => row.energy_J),
  };
}

function timelineFrom(trace: Trace, shift_s = 0, scale = 1, kind: SampleKind = 'mean'): Timeline {
  const empty = new Float64Array(0);
  return timelineOf(
    domainOf({ kind }),
    {
      start_s: Float64Array.from(trace.start_s, (t_s) => t_s + shift_s),
      end_s: Float64Array.from(trace.end_s, (t_s) => t_s + shift_s),
      energy_J: Float64Array.from(trace.energy_J, (energy_J) => energy_J * scale),
      startPower_W: empty,
      endPower_W: empty,
    },
    null,
  );
}

describe('windowEnergy', () => {
  test('is additive: E[a,c] = E[a,b] + E[b,c], and so are covered time and publications', () => {
    fc.assert(
      fc.property(widths, powers, fc.tuple(share, share, share), (w, p, shares) => {
        const timeline = timelineFrom(traceOf(w, p, 4));
        const span_s = timeline.end_s.at(-1) ?? 0;
        const [a = 0, b = 0, c = 0] = [...shares].sort((x, y) => x - y).map((x) => x * span_s);
        const whole = windowEnergy(timeline, plain(a, c));
        const left = windowEnergy(timeline, plain(a, b));
        const right = windowEnergy(timeline, plain(b, c));
        expect(left.gross_J + right.gross_J).toBeCloseTo(whole.gross_J, 8);
        expect(left.publications + right.publications).toBe(whole.publications);
      }),
      { numRuns: 500 },
    );
  });

  test('stays additive across a phase edge that is split causally', () => {
    fc.assert(
      fc.property(widths, powers, share, (w, p, x) => {
        const timeline = timelineFrom(traceOf(w, p));
        const span_s = timeline.end_s.at(-1) ?? 0;
        const b = x * span_s;
        const before = windowEnergy(timeline, { ...plain(0, b), beforeEnd_s: 0 });
        const after = windowEnergy(timeline, { ...plain(b, span_s), beforeStart_s: 0 });
        expect(before.gross_J + after.gross_J).toBeCloseTo(timeline.energyBefore_J.at(-1) ?? 0, 8);
        expect(before.gross_J).toBeGreaterThanOrEqual(0);
        expect(after.gross_J).toBeGreaterThanOrEqual(-1e-9);
      }),
      { numRuns: 300 },
    );
  });

  test('does not change when all times are shifted', () => {
    fc.assert(
      fc.property(
        widths,
        powers,
        twoShares,
        fc.double({ min: -1e4, max: 1e5, noNaN: true }),
        (w, p, [x, y], shift) => {
          const trace = traceOf(w, p);
          const span_s = trace.end_s.at(-1) ?? 0;
          const [a, b] = [x * span_s, y * span_s];
          const here = windowEnergy(timelineFrom(trace), plain(a, b));
          const there = windowEnergy(timelineFrom(trace, shift), plain(a + shift, b + shift));
          expect(Math.abs(there.gross_J - here.gross_J)).toBeLessThan(1e-7);
        },
      ),
      { numRuns: 300 },
    );
  });

  test('scales with power: twice the power is twice the energy', () => {
    fc.assert(
      fc.property(widths, powers, twoShares, (w, p, [x, y]) => {
        const trace = traceOf(w, p, 5);
        const span_s = trace.end_s.at(-1) ?? 0;
        const [a, b] = [x * span_s, y * span_s];
        const window: Window = { ...plain(a, b), beforeStart_s: 0, beforeEnd_s: a };
        const once = windowEnergy(timelineFrom(trace), window);
        const twice = windowEnergy(timelineFrom(trace, 0, 2), window);
        expect(twice.gross_J).toBeCloseTo(2 * once.gross_J, 8);
      }),
      { numRuns: 300 },
    );
  });

  test('never covers more than its duration, and an energy is never below zero', () => {
    fc.assert(
      fc.property(widths, powers, fc.integer({ min: 1, max: 5 }), twoShares, (w, p, holeEvery, [x, y]) => {
        const timeline = timelineFrom(traceOf(w, p, holeEvery));
        const span_s = (timeline.end_s.at(-1) ?? 0) + 1;
        const [a, b] = [x * span_s, y * span_s];
        const energy = windowEnergy(timeline, plain(a, b));
        expect(energy.covered_s).toBeLessThanOrEqual(b - a + 1e-9);
        expect(energy.coverage).toBeLessThanOrEqual(1);
        expect(energy.gross_J).toBeGreaterThanOrEqual(-1e-9);
      }),
      { numRuns: 300 },
    );
  });

  test('is exact at constant power, whatever the kind and the edges', () => {
    const course = courseThrough([
      [0, 7],
      [30, 7],
    ]);
    const edges_s = edgesBetween({ from_s: 0, to_s: 30 }, 0.7);
    const gauge = gaugeSeries(course, { edges_s });
    for (const [kind, series] of [
      ['mean', meanSeries(course, { edges_s })],
      ['counter', meanSeries(course, { edges_s })],
      ['gauge', gauge],
      ['averaged', gauge],
    ] as const) {
      const energy = windowEnergy(timelineOf(domainOf({ kind }), series, null), plain(3.21, 17.77));
      expect(energy.gross_J).toBeCloseTo(7 * (17.77 - 3.21), 9);
      expect(energy.coverage).toBe(1);
    }
  });

  test('a gauge is exact where power is linear between readings, at edges inside a reading too', () => {
    const course = courseThrough([
      [0, 2],
      [10, 42],
      [20, 2],
    ]);
    const series = gaugeSeries(course, { edges_s: edgesBetween({ from_s: 0, to_s: 20 }, 0.5) });
    const timeline = timelineOf(domainOf({ kind: 'gauge' }), series, null);
    expect(windowEnergy(timeline, plain(3.3, 14.1)).gross_J).toBeCloseTo(course.energy_J(3.3, 14.1), 9);
  });

  test('a counter bridges a gap exactly: its difference holds what was used in between', () => {
    const course = courseThrough([
      [0, 3],
      [30, 33],
    ]);
    const polls_s = [0, 1, 2, 3, 9, 10, 11, 12];
    const series: SampleSeries = { ...meanSeries(course, { edges_s: polls_s }), kind: 'counter' };
    const timeline = timelineOf(domainOf({ kind: 'counter' }), series, null);
    const energy = windowEnergy(timeline, plain(1, 11));
    expect(energy.gross_J).toBeCloseTo(course.energy_J(1, 11), 9);
    expect(energy.coverage).toBe(1);
  });

  test('missing readings are not filled in, and the bound holds what they may hide', () => {
    const timeline = timelineFrom({ start_s: [0, 1, 3], end_s: [1, 2, 4], energy_J: [5, 5, 5] });
    const energy = windowEnergy(timeline, plain(0, 4));
    expect(energy).toMatchObject({ gross_J: 15, covered_s: 3, coverage: 0.75, gapBound_J: 60 });
    expect(energy.bound_J).toBeGreaterThanOrEqual(60);
  });

  test('both edges in one sample are pro-rated, since nothing tells how power ran inside', () => {
    const timeline = timelineFrom({ start_s: [0, 1, 2], end_s: [1, 2, 3], energy_J: [2, 2, 9] });
    const energy = windowEnergy(timeline, { start_s: 2.2, end_s: 2.7, beforeStart_s: 0, beforeEnd_s: 0 });
    expect(energy.gross_J).toBeCloseTo(4.5, 12);
    expect(energy.gross_J).toBe(energy.proRated_J);
  });

  test('a window that begins before the first reading or ends after the last is not bracketed', () => {
    const timeline = timelineFrom({ start_s: [1, 2], end_s: [2, 3], energy_J: [1, 1] });
    expect(windowEnergy(timeline, plain(1, 3)).bracketed).toBe(true);
    expect(windowEnergy(timeline, plain(0.5, 2.5)).bracketed).toBe(false);
    expect(windowEnergy(timeline, plain(1.5, 3.5)).bracketed).toBe(false);
  });
});
