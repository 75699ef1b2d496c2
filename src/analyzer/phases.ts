import type { PhaseEnergy, PhaseResult } from '../core/result.ts';
import type { Phase } from '../core/run.ts';
import type { Seconds, Watts } from '../core/units.ts';
import { type PhaseStarts, precedingStart } from './edges.ts';
import { at, countUpTo } from './search.ts';
import { hasAnyOf, type Timeline } from './timeline.ts';
import { type Window, windowEnergy } from './window-energy.ts';

/** A sample that begins where the span ends does not touch it. */
const TOUCHING_S = 1e-9;

/** Below this part the energy of a phase is withheld (COVERAGE_LOW); counters bridge gaps. Source: METHOD §7. */
export const COVERAGE_LEAST = 0.95;

export function phaseResult(phase: Phase, timelines: readonly Timeline[], starts: PhaseStarts): PhaseResult {
  return { ...phase, energy: timelines.map((timeline) => phaseEnergy(timeline, phase, starts)) };
}

/** Energy and power of one domain in one phase. Least and greatest power are those of publications wholly inside. */
export function phaseEnergy(timeline: Timeline, phase: Phase, starts: PhaseStarts): PhaseEnergy {
  const window = windowEnergy(timeline, phaseWindow(phase, starts));
  const isWithheld = window.coverage < COVERAGE_LEAST || hasImplausible(timeline, phase);
  const extremes = isWithheld ? null : extremePowers(timeline, phase);
  return {
    domain: timeline.domain.id,
    gross_J: isWithheld ? null : window.gross_J,
    meanPower_W: isWithheld ? null : window.gross_J / window.covered_s,
    minPower_W: extremes?.least_W ?? null,
    maxPower_W: extremes?.most_W ?? null,
    publications: window.publications,
    coverage: window.coverage,
  };
}

/** A window whose edges are phase edges. */
export function phaseWindow(
  span: { readonly start_s: Seconds; readonly end_s: Seconds },
  starts: PhaseStarts,
): Window {
  return {
    start_s: span.start_s,
    end_s: span.end_s,
    beforeStart_s: precedingStart(starts, span.start_s),
    beforeEnd_s: precedingStart(starts, span.end_s),
  };
}

/** Any reading that touches the span lies above what the machine can draw. */
export function hasImplausible(
  timeline: Timeline,
  span: { readonly start_s: Seconds; readonly end_s: Seconds },
): boolean {
  const { from, to } = touching(timeline, span);
  return hasAnyOf(timeline.implausible, from, to);
}

/** Range of samples that overlap a span: [from, to). */
export function touching(
  timeline: Timeline,
  span: { readonly start_s: Seconds; readonly end_s: Seconds },
): { readonly from: number; readonly to: number } {
  const from = countUpTo(timeline.end_s, span.start_s);
  return { from, to: Math.max(from, countUpTo(timeline.start_s, span.end_s - TOUCHING_S)) };
}

function extremePowers(timeline: Timeline, phase: Phase): { least_W: Watts; most_W: Watts } | null {
  let least_W = Number.POSITIVE_INFINITY;
  let most_W = Number.NEGATIVE_INFINITY;
  const to = countUpTo(timeline.end_s, phase.end_s);
  for (let k = countUpTo(timeline.end_s, phase.start_s); k < to; k++) {
    const start_s = at(timeline.start_s, k);
    if (start_s < phase.start_s) continue;
    const power_W = at(timeline.energy_J, k) / (at(timeline.end_s, k) - start_s);
    least_W = Math.min(least_W, power_W);
    most_W = Math.max(most_W, power_W);
  }
  return least_W <= most_W ? { least_W, most_W } : null;
}
