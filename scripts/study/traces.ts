import type { SampleKind, SampleSeries } from '../../src/core/sample.ts';
import {
  courseThrough,
  edgesBetween,
  gaugeSeries,
  meanSeries,
  type PowerCourse,
  stepsThrough,
} from '../../tests/support/power-course.ts';
import type { SeededRandom } from '../../tests/support/seeded-random.ts';

/** Declared limits of the domain that the traces stay within. */
export const LEAST_W = 0;
export const MOST_W = 60;
/** Averaging time of the `averaged` gauge, as of `nvidia-smi`'s power.draw. */
export const AVERAGING_s = 1;

export const TRACES = ['steps', 'ramps', 'spikes', 'squares'] as const;
export type TraceName = (typeof TRACES)[number];

export interface Trace {
  readonly course: PowerCourse;
  /** Where its power changes at once: edges of phases. */
  readonly changes_s: readonly number[];
}

type Corner = readonly [number, number];

/** Random courses of power from 0 to `end_s`, with closed-form energy. */
export function traceOf(name: TraceName, end_s: number, random: SeededRandom): Trace {
  const corners = { steps: stepCorners, ramps: rampCorners, spikes: spikeCorners, squares: squareCorners }[
    name
  ](end_s, random);
  const course = name === 'ramps' ? courseThrough(corners) : stepsThrough(corners, end_s);
  return { course, changes_s: corners.map(([at_s]) => at_s).filter((at_s) => at_s > 0 && at_s < end_s) };
}

/** A new level every 4 s on average. */
function stepCorners(end_s: number, random: SeededRandom): Corner[] {
  const corners: Corner[] = [];
  for (let t_s = 0; t_s < end_s; t_s += 0.5 + random.exponential(3.5))
    corners.push([t_s, random.between(1, 58)]);
  return corners;
}

function rampCorners(end_s: number, random: SeededRandom): Corner[] {
  const corners: Corner[] = [];
  for (let t_s = 0; t_s < end_s; t_s += random.between(0.5, 6)) corners.push([t_s, random.between(1, 58)]);
  return [...corners, [end_s, 30]];
}

/** 5 W with peaks of 20 to 200 ms. */
function spikeCorners(end_s: number, random: SeededRandom): Corner[] {
  const corners: Corner[] = [[0, 5]];
  for (let t_s = random.exponential(2); t_s < end_s; t_s += 0.02 + random.exponential(2)) {
    corners.push([t_s, random.between(20, 58)]);
    t_s += random.between(0.02, 0.2);
    corners.push([t_s, 5]);
  }
  return corners;
}

/** Idle and busy by turns, 3 s and 7 s each with some chance: a benchmark. */
function squareCorners(end_s: number, random: SeededRandom): Corner[] {
  const corners: Corner[] = [];
  for (let t_s = 0, isBusy = false; t_s < end_s; isBusy = !isBusy) {
    corners.push([t_s, isBusy ? 40 : 4]);
    t_s += (isBusy ? 7 : 3) + random.between(0, 2);
  }
  return corners;
}

export interface Reading {
  readonly interval_s: number;
  readonly end_s: number;
  readonly quantum_J: number;
  /** Part of the interval by which widths vary. */
  readonly jitter: number;
  /** Constant error of the source's clock: what it reads lies this much later than it says. */
  readonly shift_s: number;
}

/** What a source of this kind makes of a course. */
export function readingsOf(
  kind: SampleKind,
  course: PowerCourse,
  reading: Reading,
  random: SeededRandom,
): SampleSeries {
  const { interval_s, end_s, quantum_J, jitter, shift_s } = reading;
  const edges_s = edgesBetween({ from_s: 2, to_s: end_s - 3 }, interval_s, () => jitter * random.next());
  const series = read(kind, course, { edges_s, quantum_J });
  const shifted = (times_s: Float64Array): Float64Array => times_s.map((at_s) => at_s + shift_s);
  return { ...series, start_s: shifted(series.start_s), end_s: shifted(series.end_s) };
}

function read(
  kind: SampleKind,
  course: PowerCourse,
  metering: { readonly edges_s: readonly number[]; readonly quantum_J: number },
): SampleSeries {
  switch (kind) {
    case 'mean':
      return meanSeries(course, metering);
    case 'counter':
      return counterSeries(course, metering);
    case 'gauge':
      return gaugeSeries(course, metering);
    case 'averaged':
      return { ...gaugeSeries(averaged(course), metering), kind: 'averaged' };
  }
}

/** Differences of a counter in whole steps: what one reading leaves over is in the next. */
export function counterSeries(
  course: PowerCourse,
  { edges_s, quantum_J }: { readonly edges_s: readonly number[]; readonly quantum_J: number },
): SampleSeries {
  const from_s = edges_s[0] ?? 0;
  const counted_J = edges_s.map((at_s) => {
    const exact_J = course.energy_J(from_s, at_s);
    return quantum_J > 0 ? Math.floor(exact_J / quantum_J) * quantum_J : exact_J;
  });
  return {
    domain: 'soc',
    kind: 'counter',
    start_s: Float64Array.from(edges_s.slice(0, -1)),
    end_s: Float64Array.from(edges_s.slice(1)),
    energy_J: Float64Array.from(counted_J.slice(1), (value_J, i) => value_J - (counted_J[i] ?? 0)),
    startPower_W: new Float64Array(0),
    endPower_W: new Float64Array(0),
  };
}

/** The same course behind a running mean. */
export function averaged(course: PowerCourse): PowerCourse {
  return {
    power_W: (t_s) => course.energy_J(t_s - AVERAGING_s, t_s) / AVERAGING_s,
    energy_J: () => Number.NaN,
  };
}
