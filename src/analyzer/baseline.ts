import type { BaselineResult, SharedPart } from '../core/result.ts';
import type { BaselineState, Phase, Recording } from '../core/run.ts';
import type { Seconds, Watts } from '../core/units.ts';
import { type MeanError, meanError, pooledError } from './half-width.ts';
import { at, countUpTo } from './search.ts';
import { hasAnyOf, publicationsBetween, type Timeline } from './timeline.ts';

/** Idle power of one baseline phase: mean over the publications that lie wholly inside it. */
export interface IdlePower {
  /** Of the phase. */
  readonly start_s: Seconds;
  readonly middle_s: Seconds;
  readonly power_W: Watts;
  /** Of the 95 % interval. */
  readonly halfWidth_W: Watts;
  /** Degrees of freedom of that interval. */
  readonly df: number;
}

/** Fewer publications tell no spread, hence no interval. */
const PUBLICATIONS_LEAST = 2;

/** Idle power in a phase; null where fewer than two publications, or impossible ones, lie inside. Source: METHOD §3. */
export function idlePower(timeline: Timeline, phase: Phase): IdlePower | null {
  const from = firstStartingFrom(timeline, phase.start_s);
  const to = countUpTo(timeline.end_s, phase.end_s);
  if (publicationsBetween(timeline, from, to) < PUBLICATIONS_LEAST) return null;
  if (hasAnyOf(timeline.implausible, from, to)) return null;
  const powers_W: number[] = [];
  for (let k = from; k < to; k++) {
    powers_W.push(at(timeline.energy_J, k) / (at(timeline.end_s, k) - at(timeline.start_s, k)));
  }
  const energy_J = at(timeline.energyBefore_J, to) - at(timeline.energyBefore_J, from);
  const covered_s = at(timeline.coveredBefore_s, to) - at(timeline.coveredBefore_s, from);
  const { df, halfWidth } = meanError(powers_W);
  return {
    start_s: phase.start_s,
    middle_s: (at(timeline.start_s, from) + at(timeline.end_s, to - 1)) / 2,
    power_W: energy_J / covered_s,
    halfWidth_W: halfWidth,
    df,
  };
}

function firstStartingFrom(timeline: Timeline, t_s: Seconds): number {
  let k = countUpTo(timeline.start_s, t_s);
  while (k > 0 && at(timeline.start_s, k - 1) === t_s) k--;
  return k;
}

/** Baseline phases before and after a request. `isOwn`: the one before belongs to the request's trial alone. */
export interface BaselinePair {
  readonly before: Phase | null;
  readonly after: Phase | null;
  readonly isOwn: boolean;
}

/** All baseline phases of a run in order of time, and the instants between which they may not be exchanged. */
export interface BaselinePlan {
  readonly phases: readonly Phase[];
  readonly starts_s: Float64Array;
  /** Starts of loads, unloads and later sittings: what is resident changes there, and idle power with it. */
  readonly loads_s: Float64Array;
}

export function baselinePlan(recording: Pick<Recording, 'phases' | 'trials' | 'sessions'>): BaselinePlan {
  const all = [...recording.phases, ...recording.trials.flatMap((trial) => trial.phases)];
  const phases = all.filter((phase) => phase.kind === 'baseline').sort((a, b) => a.start_s - b.start_s);
  return {
    phases,
    starts_s: Float64Array.from(phases, (phase) => phase.start_s),
    loads_s: Float64Array.from(
      [...all.filter(({ kind }) => kind === 'load' || kind === 'unload'), ...(recording.sessions ?? [])],
      ({ start_s }) => start_s,
    ).sort(),
  };
}

/** The nearest baselines around a request with no load between; the trial's own phase comes first. */
export function baselinesAround(
  plan: BaselinePlan,
  request: { readonly start_s: Seconds; readonly end_s: Seconds },
  trialPhases: readonly Phase[],
): BaselinePair {
  const own =
    trialPhases.findLast((phase) => phase.kind === 'baseline' && phase.start_s < request.start_s) ?? null;
  const next = countUpTo(plan.starts_s, request.start_s);
  const earlier = plan.phases[next - 1] ?? null;
  const later = plan.phases.slice(next, next + 2).find((phase) => phase.start_s >= request.end_s) ?? null;
  const before = own ?? earlier;
  return {
    before: before !== null && isSameResidency(plan, before.start_s, request.start_s) ? before : null,
    after: later !== null && isSameResidency(plan, request.end_s, later.start_s) ? later : null,
    isOwn: own !== null,
  };
}

function isSameResidency(plan: BaselinePlan, from_s: Seconds, to_s: Seconds): boolean {
  return countUpTo(plan.loads_s, from_s) === countUpTo(plan.loads_s, to_s);
}

/**
 * Idle power at the middle of the request, linear in time between before and after; null without either. `isShared`:
 * other trials use the same baselines.
 */
export function interpolatedBaseline(
  { isShared, state }: { readonly state: BaselineState; readonly isShared: boolean },
  around: { readonly before: IdlePower | null; readonly after: IdlePower | null },
  middle_s: Seconds,
): BaselineResult | null {
  const { before, after } = around;
  const nearest = before ?? after;
  if (nearest === null) return null;
  const sides = { state, before_W: before?.power_W ?? null, after_W: after?.power_W ?? null };
  if (before === null || after === null) {
    const shared = isShared ? { shared: [sharedPart(nearest, 1)] } : {};
    return { ...sides, power_W: nearest.power_W, halfWidth_W: nearest.halfWidth_W, ...shared };
  }
  const share = Math.min(1, Math.max(0, (middle_s - before.middle_s) / (after.middle_s - before.middle_s)));
  return {
    ...sides,
    power_W: before.power_W + share * (after.power_W - before.power_W),
    halfWidth_W: pooledError([errorOf(before, 1 - share), errorOf(after, share)]).halfWidth,
    ...(isShared ? { shared: [sharedPart(before, 1 - share), sharedPart(after, share)] } : {}),
  };
}

function errorOf({ df, halfWidth_W }: IdlePower, share: number): MeanError {
  return { halfWidth: share * halfWidth_W, df };
}

function sharedPart({ df, halfWidth_W, start_s }: IdlePower, share: number): SharedPart {
  return { start_s, halfWidth_W, df, share };
}
