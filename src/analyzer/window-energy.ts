import type { Joules, Seconds } from '../core/units.ts';
import { type Edge, type EdgeEnergy, energyAtEdge } from './edges.ts';
import { movedBetween_J } from './gauge-steps.ts';
import { at, countUpTo } from './search.ts';
import { coveredUpTo_s, misplacement_s, publicationsIn, type Timeline } from './timeline.ts';

/** Half-open [start_s, end_s), with what came before each edge where it is a phase edge (null: pro-rate). */
export interface Window {
  readonly start_s: Seconds;
  readonly end_s: Seconds;
  readonly beforeStart_s: Seconds | null;
  readonly beforeEnd_s: Seconds | null;
  /** See `Edge.anchor`; for both edges. */
  readonly anchor?: Omit<Edge, 'anchor'>;
}

export interface WindowEnergy {
  readonly gross_J: Joules;
  readonly proRated_J: Joules;
  /** Largest possible error of `gross_J`; METHOD §2. */
  readonly bound_J: Joules;
  /** The part of it that missing readings cause. */
  readonly gapBound_J: Joules;
  readonly covered_s: Seconds;
  /** 0–1. */
  readonly coverage: number;
  readonly publications: number;
  /** The meter read both before the start and after the end. */
  readonly bracketed: boolean;
}

/** Rounding of times by the sum of widths; shorter is no gap. */
export const GAP_LEAST_S = 1e-3;

/** Energy of any window in O(log n): difference of two running sums, hence additive. */
export function windowEnergy(timeline: Timeline, window: Window): WindowEnergy {
  const anchor = window.anchor === undefined ? {} : { anchor: window.anchor };
  const start = energyAtEdge(timeline, {
    at_s: window.start_s,
    precedingStart_s: window.beforeStart_s,
    ...anchor,
  });
  const end = energyAtEdge(timeline, { at_s: window.end_s, precedingStart_s: window.beforeEnd_s, ...anchor });
  const isWithinOne = start.sample >= 0 && start.sample === end.sample && timeline.steps.piece.length === 0;
  const duration_s = Math.max(0, window.end_s - window.start_s);
  const covered_s = coveredUpTo_s(timeline, window.end_s) - coveredUpTo_s(timeline, window.start_s);
  const missing_s = Math.max(0, duration_s - covered_s);
  const gapBound_J = missing_s >= GAP_LEAST_S ? missing_s * timeline.domain.maxPower_W : 0;
  const proRated_J = end.proRated_J - start.proRated_J;
  return {
    gross_J: isWithinOne ? proRated_J : end.energy_J - start.energy_J,
    proRated_J,
    bound_J:
      edgesBound_J(start, end, isWithinOne) +
      gapBound_J +
      insideBound_J(timeline, window) +
      stepsBound_J(timeline, window),
    gapBound_J,
    covered_s: missing_s < GAP_LEAST_S ? duration_s : covered_s,
    coverage: coverageOf(covered_s, duration_s),
    publications: publicationsIn(timeline, window.start_s, window.end_s),
    bracketed: isBracketed(timeline, window),
  };
}

function edgesBound_J(start: EdgeEnergy, end: EdgeEnergy, isWithinOne: boolean): Joules {
  return isWithinOne ? start.proRatedBound_J + end.proRatedBound_J : start.bound_J + end.bound_J;
}

/** The meter's smallest step per reading (a counter's steps cancel but at its ends), and what gauges may hide. */
function insideBound_J(timeline: Timeline, window: Window): Joules {
  const from = countUpTo(timeline.end_s, window.start_s);
  const to = Math.min(timeline.end_s.length, countUpTo(timeline.end_s, window.end_s) + 1);
  const { quantum_J, rails, kind } = timeline.domain;
  const steps = kind === 'mean' ? Math.max(0, to - from) : 2;
  const hidden_J =
    timeline.hiddenBefore_J.length > 0
      ? at(timeline.hiddenBefore_J, Math.max(from, to)) - at(timeline.hiddenBefore_J, from)
      : 0;
  return quantum_J * rails * steps + hidden_J;
}

/** A step may be off by as much as it moved; at the window's own edges the edges' bounds hold that already. */
function stepsBound_J(timeline: Timeline, window: Window): Joules {
  return movedBetween_J(
    timeline,
    countUpTo(timeline.start_s, window.start_s - GAP_LEAST_S),
    countUpTo(timeline.end_s, window.end_s),
  );
}

function coverageOf(covered_s: Seconds, duration_s: Seconds): number {
  if (duration_s <= 0) return 0;
  if (duration_s - covered_s < GAP_LEAST_S) return 1;
  return Math.min(1, Math.max(0, covered_s / duration_s));
}

function isBracketed(timeline: Timeline, window: Window): boolean {
  const slack_s = (t_s: Seconds): Seconds => misplacement_s(timeline, t_s) + GAP_LEAST_S;
  const first_s = at(timeline.start_s, 0);
  const last_s = at(timeline.end_s, timeline.end_s.length - 1);
  return (
    first_s <= window.start_s + slack_s(window.start_s) && last_s >= window.end_s - slack_s(window.end_s)
  );
}
