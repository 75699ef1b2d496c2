import type { Seconds } from '../core/units.ts';
import { S_PER_MS } from '../core/units.ts';
import { waitUntil } from './phases.ts';
import type { RunContext, RunRecorder } from './run-context.ts';

/** Readings are not waited for longer than this many intervals, and a little for slow ones. */
const PATIENCE_INTERVALS = 3;
const PATIENCE_s = 0.5;

/**
 * Starts the meters. An interruption ends the wait for their first reading, but never the meters themselves: those
 * see the end of the phase under way and are stopped by the run. @throws what `recorder.start` throws
 */
export async function startMeters(recorder: Pick<RunRecorder, 'start'>, signal: AbortSignal): Promise<void> {
  const starting = new AbortController();
  const onAbort = (): void => starting.abort(signal.reason);
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    await recorder.start(starting.signal);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

/**
 * Waits until each live domain has a reading that begins after now, so that the phase which ends now is bracketed.
 * A meter that has fallen silent is not waited for to the end of days.
 */
export async function lastReadings(context: RunContext): Promise<void> {
  const { clock, plan, recorder } = context;
  const interval_s = plan.interval_ms * S_PER_MS;
  const ended_s = clock.now_s();
  const limit_s = ended_s + PATIENCE_INTERVALS * interval_s + PATIENCE_s;
  while (clock.now_s() < limit_s && isAwaited(recorder, ended_s, interval_s)) {
    if (!(await waitUntil(context, Math.min(limit_s, clock.now_s() + interval_s / 2)))) return;
  }
}

/** Readings are stamped on arrival, late by an unknown delay: one that ends an interval later begins after `end_s`. */
function isAwaited(recorder: Pick<RunRecorder, 'latest'>, ended_s: Seconds, interval_s: Seconds): boolean {
  return recorder.latest().some(({ at_s }) => at_s < ended_s + interval_s);
}
