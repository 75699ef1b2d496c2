import type { Domain } from '../core/sample.ts';
import type { Joules, Seconds, Watts } from '../core/units.ts';
import { type Alignment, coveredBefore, type Mismatch, residualAt_s, type Segment } from './alignment.ts';
import { type Columns, coalesce } from './publications.ts';
import { at, countUpTo } from './search.ts';

/**
 * Pieces of a gauge in which a phase begins or ends: the reading before holds up to that edge, the one after from there
 * on. Ascending; `…Before[i]` counts steps 0 … i−1.
 */
export interface Steps {
  /** Index of the piece between two readings. */
  readonly piece: Float64Array;
  readonly at_s: Float64Array;
  /** What the steps add to the trapezoids, and the same without sign. */
  readonly addedBefore_J: Float64Array;
  readonly movedBefore_J: Float64Array;
}

const NO_STEPS: Steps = {
  piece: new Float64Array(0),
  at_s: new Float64Array(0),
  addedBefore_J: new Float64Array(1),
  movedBefore_J: new Float64Array(1),
};

/**
 * All samples of one domain, aligned, one per publication, ascending and disjoint, with running sums, so that any
 * window costs O(log n). `…Before[k]` counts samples 0 … k−1.
 */
export interface Timeline extends Columns {
  readonly domain: Domain;
  readonly energyBefore_J: Float64Array;
  readonly coveredBefore_s: Float64Array;
  /** Gauges only, where a repeated reading is no new publication; empty: every sample is one. */
  readonly publicationsBefore: Float64Array;
  /** Samples above what the machine can draw, ascending; and those so far above that the unit must be wrong. */
  readonly implausible: Float64Array;
  readonly unitSuspect: Float64Array;
  /** Gauges: Σ|ΔP|·w/2, what the course between two readings may hide. Empty for other kinds. */
  readonly hiddenBefore_J: Float64Array;
  /** Gauges only: where power is taken to have changed at once. */
  readonly steps: Steps;
  /** Ends of the readings before coalescing; the same array where nothing was coalesced. */
  readonly readingEnd_s: Float64Array;
  readonly segments: readonly Segment[];
  readonly mismatches: readonly Mismatch[];
  readonly alignmentPoor: boolean;
}

/** A reading this much above the declared limit is an error, not a peak; as much again shows a wrong unit. */
const IMPLAUSIBLE_RATIO = 1.1;
const UNIT_RATIO = 100;

/** Timeline of samples that already lie at their true place. Unusable and overlapping parts are dropped first. */
export function timelineOf(domain: Domain, placed: Columns, alignment: Alignment | null): Timeline {
  const readings = disjoint(placed);
  const columns = coalesce(readings, domain.kind, domain.quantum_J);
  const limit_W = domain.maxPower_W * IMPLAUSIBLE_RATIO;
  const slack_J = domain.quantum_J * domain.rails;
  const implausible = samplesAbove(columns, limit_W, slack_J);
  return {
    ...columns,
    energyBefore_J: runningSum(columns.energy_J),
    coveredBefore_s: coveredOf(columns, alignment),
    ...gaugeSums(columns),
    implausible,
    unitSuspect:
      implausible.length === 0 ? implausible : samplesAbove(columns, limit_W * UNIT_RATIO, slack_J),
    domain,
    steps: NO_STEPS,
    readingEnd_s: readings.end_s,
    segments: alignment?.segments ?? [],
    mismatches: alignment?.mismatches ?? [],
    alignmentPoor: alignment?.poor ?? false,
  };
}

/** Energy from the beginning to `t_s`, pro rata inside a sample (trapezoid for gauges). Energy in gaps is not invented. */
export function energyUpTo_J(timeline: Timeline, t_s: Seconds): Joules {
  const k = countUpTo(timeline.end_s, t_s);
  return at(timeline.energyBefore_J, k) + energyWithin_J(timeline, k, placeIn(timeline, k, t_s));
}

/** Energy of sample `k` up to the part `x` (0–1) of its width. */
export function energyWithin_J(timeline: Timeline, k: number, x: number): Joules {
  if (!(x > 0)) return 0;
  const energy_J = at(timeline.energy_J, k);
  const from_W = at(timeline.startPower_W, k);
  const to_W = at(timeline.endPower_W, k);
  const sum_W = from_W + to_W;
  if (!(sum_W > 0)) return energy_J * x;
  return (energy_J * (2 * from_W * x + (to_W - from_W) * x * x)) / sum_W;
}

/** Part of sample `k` that lies before `t_s`, 0–1; 0 when there is no such sample. */
export function placeIn(timeline: Timeline, k: number, t_s: Seconds): number {
  if (k >= timeline.end_s.length) return 0;
  const start_s = at(timeline.start_s, k);
  return Math.min(1, Math.max(0, (t_s - start_s) / (at(timeline.end_s, k) - start_s)));
}

/** Seconds covered by samples from the beginning to `t_s`. */
export function coveredUpTo_s(timeline: Timeline, t_s: Seconds): Seconds {
  const k = countUpTo(timeline.end_s, t_s);
  if (k >= timeline.end_s.length) return at(timeline.coveredBefore_s, k);
  return at(timeline.coveredBefore_s, k) + Math.max(0, t_s - at(timeline.start_s, k));
}

/** Publications that end in (from, to]. */
export function publicationsIn(timeline: Timeline, from_s: Seconds, to_s: Seconds): number {
  return publicationsBetween(timeline, countUpTo(timeline.end_s, from_s), countUpTo(timeline.end_s, to_s));
}

/** Publications among samples `from` … `to − 1`. */
export function publicationsBetween(timeline: Timeline, from: number, to: number): number {
  const before = timeline.publicationsBefore;
  return before.length === 0 ? to - from : at(before, to) - at(before, from);
}

/** Any of the listed samples lies among `from` … `to − 1`. */
export function hasAnyOf(samples: Float64Array, from: number, to: number): boolean {
  return countUpTo(samples, to - 1) > countUpTo(samples, from - 1);
}

/** How far a time may be off: what the source declares plus what alignment left. */
export function misplacement_s(timeline: Timeline, t_s: Seconds): Seconds {
  return timeline.domain.misalignment_s + residualAt_s(timeline.segments, t_s);
}

function runningSum(values: Float64Array): Float64Array {
  const before = new Float64Array(values.length + 1);
  for (let k = 0; k < values.length; k++) before[k + 1] = at(before, k) + at(values, k);
  return before;
}

/** Domains that hold every frame of their source share what the alignment has summed once. */
function coveredOf({ end_s, start_s }: Columns, alignment: Alignment | null): Float64Array {
  return alignment !== null && alignment.start_s === start_s && alignment.end_s === end_s
    ? alignment.coveredBefore_s
    : coveredBefore(start_s, end_s);
}

function gaugeSums(columns: Columns) {
  const count = columns.endPower_W.length;
  const publicationsBefore = new Float64Array(count === 0 ? 0 : count + 1);
  const hiddenBefore_J = new Float64Array(publicationsBefore.length);
  let published_s = at(columns.start_s, 0);
  for (let k = 0; k < count; k++) {
    const isNew = k === 0 || at(columns.endPower_W, k) !== at(columns.endPower_W, k - 1);
    const step_W = Math.abs(at(columns.endPower_W, k) - at(columns.startPower_W, k));
    publicationsBefore[k + 1] = at(publicationsBefore, k) + (isNew ? 1 : 0);
    hiddenBefore_J[k + 1] = at(hiddenBefore_J, k) + (step_W * (at(columns.end_s, k) - published_s)) / 2;
    if (isNew) published_s = at(columns.end_s, k);
  }
  return { publicationsBefore, hiddenBefore_J };
}

/** Samples whose energy, less the meter's smallest step, exceeds `limit_W`. */
function samplesAbove(columns: Columns, limit_W: Watts, slack_J: Joules): Float64Array {
  const above: number[] = [];
  for (let k = 0; k < columns.end_s.length; k++) {
    const width_s = at(columns.end_s, k) - at(columns.start_s, k);
    if (at(columns.energy_J, k) - slack_J > limit_W * width_s) above.push(k);
  }
  return Float64Array.from(above);
}

/** Drops samples without width or with impossible energy; of two that overlap, the later one yields, at its own power. */
function disjoint(columns: Columns): Columns {
  if (isDisjoint(columns)) return columns;
  const kept: number[] = [];
  const start: number[] = [];
  const energy: number[] = [];
  let reached_s = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < columns.end_s.length; i++) {
    const end_s = at(columns.end_s, i);
    const width_s = end_s - at(columns.start_s, i);
    const start_s = Math.max(at(columns.start_s, i), reached_s);
    if (!isUsable(columns, i) || !(end_s > start_s)) continue;
    kept.push(i);
    start.push(start_s);
    energy.push((at(columns.energy_J, i) * (end_s - start_s)) / width_s);
    reached_s = end_s;
  }
  const pick = (values: Float64Array): Float64Array =>
    values.length === 0 ? values : Float64Array.from(kept, (i) => at(values, i));
  return {
    start_s: Float64Array.from(start),
    end_s: pick(columns.end_s),
    energy_J: Float64Array.from(energy),
    startPower_W: pick(columns.startPower_W),
    endPower_W: pick(columns.endPower_W),
  };
}

function isDisjoint(columns: Columns): boolean {
  let reached_s = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < columns.end_s.length; i++) {
    if (!isUsable(columns, i) || at(columns.start_s, i) < reached_s) return false;
    reached_s = at(columns.end_s, i);
  }
  return true;
}

function isUsable(columns: Columns, i: number): boolean {
  const energy_J = at(columns.energy_J, i);
  const width_s = at(columns.end_s, i) - at(columns.start_s, i);
  return energy_J >= 0 && Number.isFinite(energy_J) && width_s > 0 && Number.isFinite(width_s);
}
