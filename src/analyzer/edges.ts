import type { Phase } from '../core/run.ts';
import type { SampleKind } from '../core/sample.ts';
import type { Joules, Seconds } from '../core/units.ts';
import { edgeBound_J } from './bound.ts';
import { steppedUpTo_J } from './gauge-steps.ts';
import { at, countUpTo } from './search.ts';
import { energyUpTo_J, energyWithin_J, placeIn, publicationsIn, type Timeline } from './timeline.ts';

/** Energy from the beginning of the timeline to an edge, by the method for phase edges and pro rata. */
export interface EdgeEnergy {
  readonly energy_J: Joules;
  readonly proRated_J: Joules;
  readonly bound_J: Joules;
  readonly proRatedBound_J: Joules;
  /** Sample that holds the edge in its inside; −1 for none. */
  readonly sample: number;
}

/** The stretch before the edge must hold so many samples for the last of them to show its power. Source: METHOD §2. */
const SAMPLES_BEFORE_LEAST = 2;
const TOUCHING_S = 1e-6;

/** Kinds whose sample says what was used in its window, and nothing of when. A gauge steps instead. */
const WINDOWED: ReadonlySet<SampleKind> = new Set(['mean', 'counter']);

/** An edge and what came before it. */
export interface Edge {
  readonly at_s: Seconds;
  /** Start of the phase that ends here; null: no phase edge, pro-rate. */
  readonly precedingStart_s: Seconds | null;
  /** An earlier phase edge that may lie in the same sample: the end of prefill shortly after the request. */
  readonly anchor?: Omit<Edge, 'anchor'>;
}

/**
 * Energy up to a phase edge by the causal split: the part of the straddling sample before the edge is valued at the
 * power of the sample before, clamped to [0, E_k]; the rest belongs after. It removes the bias of pro-rating at
 * idle → busy edges (mean loss ΔP·w/6), and needs two samples since `precedingStart_s`, else it pro-rates. Where an
 * anchor in the same sample can be split, only what that leaves is pro-rated: idle power then is not taken for work.
 */
export function energyAtEdge(timeline: Timeline, edge: Edge): EdgeEnergy {
  const { at_s } = edge;
  const k = countUpTo(timeline.end_s, at_s);
  const x = placeIn(timeline, k, at_s);
  const proRated_J = energyUpTo_J(timeline, at_s);
  const full_J = at(timeline.energyBefore_J, k);
  const within_J = x > 0 ? energyWithin_J(timeline, k, x) : null;
  const split_J =
    within_J === null ? null : (causalPart_J(timeline, k, edge) ?? anchoredPart_J(timeline, k, edge));
  const before_J = split_J ?? within_J;
  return {
    energy_J: energyOf_J(timeline, at_s, before_J === null ? null : full_J + before_J),
    proRated_J,
    bound_J: edgeBound_J(timeline, k, { at_s, before_J }),
    proRatedBound_J: edgeBound_J(timeline, k, { at_s, before_J: within_J }),
    sample: x > 0 ? k : -1,
  };
}

/** A gauge knows its steps by itself; `split_J`: what the sample that holds the edge makes of it. */
function energyOf_J(timeline: Timeline, at_s: Seconds, split_J: Joules | null): Joules {
  return WINDOWED.has(timeline.domain.kind) && split_J !== null ? split_J : steppedUpTo_J(timeline, at_s);
}

function causalPart_J(timeline: Timeline, k: number, edge: Edge): Joules | null {
  if (edge.precedingStart_s === null || !WINDOWED.has(timeline.domain.kind) || k === 0) return null;
  const start_s = at(timeline.start_s, k);
  const previousEnd_s = at(timeline.end_s, k - 1);
  if (start_s - previousEnd_s > TOUCHING_S) return null;
  if (publicationsIn(timeline, edge.precedingStart_s, edge.at_s) < SAMPLES_BEFORE_LEAST) return null;
  const previous_W = at(timeline.energy_J, k - 1) / (previousEnd_s - at(timeline.start_s, k - 1));
  return Math.min(at(timeline.energy_J, k), previous_W * (edge.at_s - start_s));
}

function anchoredPart_J(timeline: Timeline, k: number, { at_s, anchor }: Edge): Joules | null {
  if (anchor === undefined || anchor.at_s > at_s || anchor.at_s <= at(timeline.start_s, k)) return null;
  const idle_J = causalPart_J(timeline, k, anchor);
  if (idle_J === null) return null;
  const share = (at_s - anchor.at_s) / (at(timeline.end_s, k) - anchor.at_s);
  return idle_J + (at(timeline.energy_J, k) - idle_J) * share;
}

/** Ascending starts of all phases, to find what came before an edge. */
export type PhaseStarts = Float64Array;

export function phaseStarts(phases: readonly Pick<Phase, 'start_s'>[]): PhaseStarts {
  return Float64Array.from(phases, (phase) => phase.start_s).sort();
}

/** Start of the last phase that began before `at_s`; null when it is the first. */
export function precedingStart(starts: PhaseStarts, at_s: Seconds): Seconds | null {
  const k = countUpTo(starts, at_s - TOUCHING_S);
  return k === 0 ? null : at(starts, k - 1);
}
