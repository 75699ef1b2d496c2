import { type Clock, clockSince, systemClock, wallSpan_s } from '../core/clock.ts';
import type { Recording } from '../core/run.ts';
import type { Seconds } from '../core/units.ts';

/** The instant that all times of a run count from, read on both clocks at once. */
export interface RunOrigin {
  readonly origin_s: Seconds;
  readonly startedAt: string;
  /** Given to whatever stamps times for this run: the backend, the meters, the orchestrator. */
  readonly clock: Clock;
}

export function runOrigin(): RunOrigin {
  const origin_s = systemClock.now_s();
  return { origin_s, startedAt: systemClock.wallAt(), clock: clockSince(origin_s) };
}

/** Time between the last that was recorded and what comes next, at least. */
const BETWEEN_SESSIONS_s = 1;

/**
 * The instant that a later sitting of a run counts from: as long ago as the run began by the wall clock, so that its times go
 * on where the earlier ones ended, in whatever boot.
 */
export function sessionOrigin({
  marks,
  run,
  ...recorded
}: Recording): RunOrigin & { readonly start_s: Seconds } {
  const last_s = recordedSpan_s({ marks, run, ...recorded });
  const startedAt = systemClock.wallAt();
  const start_s = Math.max(last_s + BETWEEN_SESSIONS_s, wallSpan_s(run.startedAt, startedAt));
  const origin_s = systemClock.now_s() - start_s;
  return { origin_s, startedAt, clock: clockSince(origin_s), start_s };
}

/** The latest instant that anything was recorded at. */
function recordedSpan_s({ marks, phases, series, trials }: Recording): Seconds {
  const ends_s = [
    ...series.map(({ end_s }) => end_s.at(-1) ?? 0),
    ...[...phases, ...trials.flatMap((trial) => trial.phases)].map(({ end_s }) => end_s),
    ...trials.flatMap(({ completions }) => completions.map(({ ended_s }) => ended_s)),
    ...marks.map(({ monotonic_s }) => monotonic_s),
  ];
  return ends_s.reduce((latest_s, end_s) => Math.max(latest_s, end_s), 0);
}
