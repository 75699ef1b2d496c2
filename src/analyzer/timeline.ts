import type { Domain } from '../core/sample.ts';
import type { Joules, Seconds } from '../core/units.ts';
import { type Alignment, type Mismatch, residualAt_s, type Segment } from './alignment.ts';
import { type Columns, coalesce } from './publications.ts';
import { at, countUpTo } from './search.ts';

/**
 * All samples of one domain, aligned, one per publication, ascending and disjoint, with running sums, so that any
 * window costs O(log n). `…Before[k]` counts samples 0 … k−1.
 */
export interface Timeline extends Columns {
  readonly domain: Domain;
  readonly energyBefore_J: Float64Array;
  readonly coveredBefore_s: Float64Array;
  readonly publicationsBefore: Float64Array;
  /** Readings outside the plausible: above the declared limit, and so far above that the unit must be wrong. */
  readonly implausibleBefore: Float64Array;
  readonly unitSuspectBefore: Float64Array;
  /** Gauges: Σ|ΔP|·w/2, what the course between two readings may hide. Empty for other kinds. */
  readonly hiddenBefore_J: Float64Array;
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
  return {
    ...columns,
    ...runningSums(columns, domain),
    domain,
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
  const upTo = (t_s: Seconds): number => at(timeline.publicationsBefore, countUpTo(timeline.end_s, t_s));
  return upTo(to_s) - upTo(from_s);
}

/** How far a time may be off: what the source declares plus what alignment left. */
export function misplacement_s(timeline: Timeline, t_s: Seconds): Seconds {
  return timeline.domain.misalignment_s + residualAt_s(timeline.segments, t_s);
}

function runningSums(columns: Columns, domain: Domain) {
  const count = columns.end_s.length;
  const isGauge = columns.endPower_W.length === count && count > 0;
  const energyBefore_J = new Float64Array(count + 1);
  const coveredBefore_s = new Float64Array(count + 1);
  const publicationsBefore = new Float64Array(count + 1);
  const implausibleBefore = new Float64Array(count + 1);
  const unitSuspectBefore = new Float64Array(count + 1);
  const hiddenBefore_J = new Float64Array(isGauge ? count + 1 : 0);
  const limit_W = domain.maxPower_W * IMPLAUSIBLE_RATIO;
  const slack_J = domain.quantum_J * domain.rails;
  let published_s = at(columns.start_s, 0);
  for (let k = 0; k < count; k++) {
    const energy_J = at(columns.energy_J, k);
    const width_s = at(columns.end_s, k) - at(columns.start_s, k);
    const isNew = !isGauge || k === 0 || at(columns.endPower_W, k) !== at(columns.endPower_W, k - 1);
    energyBefore_J[k + 1] = at(energyBefore_J, k) + energy_J;
    coveredBefore_s[k + 1] = at(coveredBefore_s, k) + width_s;
    publicationsBefore[k + 1] = at(publicationsBefore, k) + (isNew ? 1 : 0);
    const excess_J = energy_J - slack_J;
    implausibleBefore[k + 1] = at(implausibleBefore, k) + (excess_J > limit_W * width_s ? 1 : 0);
    unitSuspectBefore[k + 1] = at(unitSuspectBefore, k) + (excess_J > limit_W * UNIT_RATIO * width_s ? 1 : 0);
    if (!isGauge) continue;
    const step_W = Math.abs(at(columns.endPower_W, k) - at(columns.startPower_W, k));
    hiddenBefore_J[k + 1] = at(hiddenBefore_J, k) + (step_W * (at(columns.end_s, k) - published_s)) / 2;
    if (isNew) published_s = at(columns.end_s, k);
  }
  return {
    energyBefore_J,
    coveredBefore_s,
    publicationsBefore,
    implausibleBefore,
    unitSuspectBefore,
    hiddenBefore_J,
  };
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
