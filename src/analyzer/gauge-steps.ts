import type { Recording } from '../core/run.ts';
import type { Joules, Seconds } from '../core/units.ts';
import { at, countUpTo } from './search.ts';
import { energyUpTo_J, energyWithin_J, placeIn, type Steps, type Timeline } from './timeline.ts';

/** An edge on a reading divides nothing. */
const TOUCHING_S = 1e-9;

/**
 * A gauge whose power steps at phase edges. A line drawn across an edge takes a sixth of ΔP·w from a request at each of its
 * ends, which does not average out over trials. The first edge inside a piece counts. Source: study, section 2.
 */
export function withSteps(timeline: Timeline, edges_s: Float64Array): Timeline {
  if (timeline.domain.kind !== 'gauge') return timeline;
  const pieces: number[] = [];
  const at_s: Seconds[] = [];
  for (const edge_s of edges_s) {
    const k = countUpTo(timeline.end_s, edge_s);
    if (k >= timeline.end_s.length || pieces.at(-1) === k) continue;
    const isInside =
      at(timeline.start_s, k) < edge_s - TOUCHING_S && at(timeline.end_s, k) > edge_s + TOUCHING_S;
    if (!isInside) continue;
    pieces.push(k);
    at_s.push(edge_s);
  }
  return { ...timeline, steps: stepsAt(timeline, Float64Array.from(pieces), Float64Array.from(at_s)) };
}

function stepsAt(timeline: Timeline, piece: Float64Array, at_s: Float64Array): Steps {
  const addedBefore_J = new Float64Array(piece.length + 1);
  const movedBefore_J = new Float64Array(piece.length + 1);
  for (let i = 0; i < piece.length; i++) {
    const k = at(piece, i);
    const added_J =
      steppedWithin_J(timeline, { k, at_s: at(at_s, i) }, at(timeline.end_s, k)) - at(timeline.energy_J, k);
    addedBefore_J[i + 1] = at(addedBefore_J, i) + added_J;
    movedBefore_J[i + 1] = at(movedBefore_J, i) + Math.abs(added_J);
  }
  return { piece, at_s, addedBefore_J, movedBefore_J };
}

/** Energy from the beginning to `t_s`: trapezoids, and steps where there are some. */
export function steppedUpTo_J(timeline: Timeline, t_s: Seconds): Joules {
  const { addedBefore_J, at_s, piece } = timeline.steps;
  const straight_J = energyUpTo_J(timeline, t_s);
  if (piece.length === 0) return straight_J;
  const k = countUpTo(timeline.end_s, t_s);
  const before = countUpTo(piece, k - 1);
  const added_J = at(addedBefore_J, before);
  if (before >= piece.length || at(piece, before) !== k || t_s <= at(timeline.start_s, k))
    return straight_J + added_J;
  const within_J = steppedWithin_J(timeline, { k, at_s: at(at_s, before) }, t_s);
  return straight_J + added_J + within_J - energyWithin_J(timeline, k, placeIn(timeline, k, t_s));
}

/** What the steps of pieces `from` … `to − 1` moved, for the bound of a window that holds them whole. */
export function movedBetween_J({ steps }: Timeline, from: number, to: number): Joules {
  if (steps.piece.length === 0 || to <= from) return 0;
  const upTo_J = (piece: number): Joules => at(steps.movedBefore_J, countUpTo(steps.piece, piece - 1));
  return upTo_J(to) - upTo_J(from);
}

function steppedWithin_J(
  timeline: Timeline,
  step: { readonly k: number; readonly at_s: Seconds },
  t_s: Seconds,
): Joules {
  const start_s = at(timeline.start_s, step.k);
  const before_s = Math.min(t_s, step.at_s) - start_s;
  const after_s = Math.max(0, t_s - step.at_s);
  return at(timeline.startPower_W, step.k) * before_s + at(timeline.endPower_W, step.k) * after_s;
}

/** Every instant at which what the machine does may change, ascending: edges of phases, requests and their parts. */
export function phaseEdges({ phases, trials }: Pick<Recording, 'phases' | 'trials'>): Float64Array {
  const edges_s = [...phases, ...trials.flatMap((trial) => trial.phases)].flatMap(({ end_s, start_s }) => [
    start_s,
    end_s,
  ]);
  for (const one of trials.flatMap(({ completions }) => completions)) {
    edges_s.push(one.requested_s, one.ended_s);
    for (const edge_s of [one.promptStart_s, one.promptEnd_s, one.firstToken_s, one.lastToken_s])
      if (edge_s !== null) edges_s.push(edge_s);
  }
  return Float64Array.from(edges_s).sort();
}
