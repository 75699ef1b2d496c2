import type { Joules, Seconds } from '../core/units.ts';
import { at, countUpTo } from './search.ts';
import { misplacement_s, type Timeline } from './timeline.ts';

/**
 * Largest error of an estimate of the energy before an edge, given the sample's energy and the domain's declared limits.
 * With mean power m and the edge at part x of width w, the energy before lies in
 * [max(lo·x, m − hi(1−x)), min(hi·x, m − lo(1−x))]·w; x itself is uncertain by δ/w, and what lies beyond the sample
 * adds δ(hi − lo). For a pro-rated estimate this is METHOD §2's formula; it holds for any other estimate as well.
 */
export function edgeBound_J(timeline: Timeline, k: number, edge: EdgeEstimate): Joules {
  const { minPower_W, maxPower_W, kind } = timeline.domain;
  const delta_s = misplacement_s(timeline, edge.at_s);
  const shift_J = delta_s * (maxPower_W - minPower_W);
  if (edge.before_J === null) return shift_J;
  const start_s = at(timeline.start_s, k);
  const width_s = at(timeline.end_s, k) - start_s;
  if (kind === 'gauge' || kind === 'averaged') return shift_J + gaugeEdge_J(timeline, k);
  const mean_W = at(timeline.energy_J, k) / width_s;
  const lo_W = Math.min(minPower_W, mean_W);
  const hi_W = Math.max(maxPower_W, mean_W);
  const x = (edge.at_s - start_s) / width_s;
  const late = Math.min(1, x + delta_s / width_s);
  const early = Math.max(0, x - delta_s / width_s);
  const most_J = width_s * Math.min(hi_W * late, mean_W - lo_W * (1 - late));
  const least_J = width_s * Math.max(lo_W * early, mean_W - hi_W * (1 - early));
  const inside_J = Math.max(0, most_J - edge.before_J, edge.before_J - least_J);
  return (
    inside_J + shift_J + (kind === 'counter' ? (mean_W * pollAt_s(timeline, edge.at_s, width_s)) / 2 : 0)
  );
}

/**
 * Largest error of a gauge's energy where power between two readings may be all that is declared for the domain: the
 * bound above takes it to stay between them, which short peaks do not. It knows nothing but the limits, hence stands apart.
 */
export function limitsBound_J({ domain }: Timeline, gross_J: Joules, duration_s: Seconds): Joules {
  return Math.max(0, gross_J - domain.minPower_W * duration_s, domain.maxPower_W * duration_s - gross_J);
}

export interface EdgeEstimate {
  readonly at_s: Seconds;
  /** Energy of the sample that is counted before the edge; null when no sample holds the edge. */
  readonly before_J: Joules | null;
}

/** Half of what power may do between two readings; a running mean may also owe up to its averaging time. */
function gaugeEdge_J(timeline: Timeline, k: number): Joules {
  const from_W = at(timeline.startPower_W, k);
  const to_W = at(timeline.endPower_W, k);
  const width_s = at(timeline.end_s, k) - at(timeline.start_s, k);
  const owed_s = timeline.domain.kind === 'averaged' ? (timeline.domain.averaging_s ?? 0) : 0;
  return (Math.abs(to_W - from_W) * width_s) / 2 + owed_s * Math.max(from_W, to_W);
}

/** Time between two polls of a counter; equal to the publication's width unless readings were joined. */
function pollAt_s(timeline: Timeline, t_s: Seconds, width_s: Seconds): Seconds {
  const readings = timeline.readingEnd_s;
  if (readings === timeline.end_s) return width_s;
  const k = countUpTo(readings, t_s);
  return k > 0 && k < readings.length ? at(readings, k) - at(readings, k - 1) : width_s;
}
