import type { Clock } from '../core/clock.ts';
import type { Seconds } from '../core/units.ts';
import { S_PER_MS } from '../core/units.ts';
import { slept } from './waiting.ts';

const STALL_INTERVALS = 5;
const LEAST_STALL_S = 3;
const START_INTERVALS = 3;
const LEAST_START_S = 30;
const JOIN_INTERVALS = 2;
/** What a probe has, too. */
const LEAST_JOIN_S = 2;
const GIVE_UP_STARTS = 2;
/** Times are compared with this slack, so that rounding cannot make a wait of no length repeat. */
const SLACK_S = 1e-6;

/** A running stream that is silent for so long has stalled. */
export function stallLimit_s(interval_ms: number): Seconds {
  return Math.max(STALL_INTERVALS * interval_ms * S_PER_MS, LEAST_STALL_S);
}

/** A new stream may take so long to its first batch: somebody may have to type a password. */
export function startLimit_s(interval_ms: number): Seconds {
  return Math.max(START_INTERVALS * interval_ms * S_PER_MS, LEAST_START_S);
}

/** One that has not answered so long after the first reading of another joins late. */
export function joinLimit_s(interval_ms: number): Seconds {
  return Math.max(JOIN_INTERVALS * interval_ms * S_PER_MS, LEAST_JOIN_S);
}

/** A new stream without a batch for so long never answers: it is ended. */
export function answerLimit_s(interval_ms: number): Seconds {
  return GIVE_UP_STARTS * startLimit_s(interval_ms);
}

export interface SilenceWatch {
  readonly clock: Clock;
  readonly limit_s: Seconds;
  /** Ends the watch. */
  readonly signal: AbortSignal;
  /** When the watched last gave something. */
  readonly heard_s: () => Seconds;
  readonly onSilence: (silent_s: Seconds) => void;
}

/** Calls `onSilence` once for each silence longer than the limit, until the signal; never rejects. */
export async function watchSilence({
  clock,
  limit_s,
  signal,
  heard_s,
  onSilence,
}: SilenceWatch): Promise<void> {
  let reported_s: Seconds | null = null;
  let wait_s = limit_s;
  while (await slept(clock, wait_s, signal)) {
    const silent_s = clock.now_s() - heard_s();
    const stalled = silent_s >= limit_s - SLACK_S;
    if (stalled && reported_s !== heard_s()) {
      reported_s = heard_s();
      onSilence(silent_s);
    }
    wait_s = stalled ? limit_s : limit_s - silent_s;
  }
}
