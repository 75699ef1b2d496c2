import type { Clock } from '../core/clock.ts';
import type { Seconds } from '../core/units.ts';

/** True after `duration_s`, false as soon as the signal aborts; never rejects. */
export function slept(clock: Clock, duration_s: Seconds, signal: AbortSignal): Promise<boolean> {
  return clock.sleep(duration_s, signal).then(
    () => true,
    () => false,
  );
}

/** True when `done` settles within `limit_s`, whichever way; false when the time is up. Leaves no timer behind. */
export async function settlesWithin(
  clock: Clock,
  limit_s: Seconds,
  done: Promise<unknown>,
): Promise<boolean> {
  const timer = new AbortController();
  const settled = done.then(
    () => true,
    () => true,
  );
  const timeUp = slept(clock, limit_s, timer.signal).then(() => false);
  const inTime = await Promise.race([settled, timeUp]);
  timer.abort();
  return inTime;
}
