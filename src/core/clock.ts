import type { Seconds } from './units.ts';
import { MS_PER_S, S_PER_NS } from './units.ts';

/**
 * The one source of time. `now_s` is monotonic and shared by all processes of a boot; `wallAt` is a label
 * for people and never enters arithmetic. Whatever waits takes the clock as a parameter, so tests use a manual one.
 */
export interface Clock {
  now_s(): Seconds;
  /** ISO 8601 UTC. */
  wallAt(): string;
  /** Resolves after `duration_s`; rejects with the signal's reason when aborted. */
  sleep(duration_s: Seconds, signal?: AbortSignal): Promise<void>;
}

/** Seconds since boot. Source: libuv reads CLOCK_MONOTONIC on Linux, mach_continuous_time on macOS. */
export const systemClock: Clock = {
  now_s: () => Number(process.hrtime.bigint()) * S_PER_NS,
  wallAt: () => new Date().toISOString(),
  sleep: (duration_s, signal) => sleepOnTimer(duration_s, signal),
};

/** The same clock, counted from `origin_s`: what everything inside a run uses. */
export function clockSince(origin_s: Seconds, clock: Clock = systemClock): Clock {
  return {
    now_s: () => clock.now_s() - origin_s,
    wallAt: () => clock.wallAt(),
    sleep: (duration_s, signal) => clock.sleep(duration_s, signal),
  };
}

/** Seconds between two ISO labels; only for detecting that wall and monotonic time went apart. */
export function wallSpan_s(fromAt: string, toAt: string): Seconds {
  return (Date.parse(toAt) - Date.parse(fromAt)) / MS_PER_S;
}

function sleepOnTimer(duration_s: Seconds, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason);
      return;
    }
    const onAbort = (): void => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(
      () => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      },
      Math.max(0, duration_s * MS_PER_S),
    );
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

/** A label with any zone as ISO 8601 UTC; null where it names no time. */
export function utcLabelOf(labelAt: string): string | null {
  const wall_ms = Date.parse(labelAt);
  return Number.isFinite(wall_ms) ? new Date(wall_ms).toISOString() : null;
}
