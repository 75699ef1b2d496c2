import type { Seconds } from '../src/core/units.ts';
import { S_PER_MS } from '../src/core/units.ts';
import type { StreamOptions } from './sampler.ts';

/**
 * Beats of a source that is read, not listened to: the first at once, then at every whole interval of the clock, so that
 * the time a read takes does not add up and all such sources wake the process together. The second comes half an interval
 * after the first or more. Missed beats are left out, never made up for. Ends with the signal.
 */
export async function* beats(options: StreamOptions): AsyncGenerator<Seconds, void, undefined> {
  const { clock, interval_ms } = options;
  const interval_s = interval_ms * S_PER_MS;
  const first_s = clock.now_s();
  let due_s = first_s;
  while (await reached(due_s, options)) {
    const now_s = clock.now_s();
    yield now_s;
    const beat = due_s === first_s ? Math.round(now_s / interval_s) : Math.floor(clock.now_s() / interval_s);
    const next_s = interval_s * (beat + 1);
    // A timer may wake a little early.
    due_s = next_s > due_s ? next_s : due_s + interval_s;
  }
}

/** Waits for the time; false when the signal came first. */
async function reached(due_s: Seconds, { clock, signal }: StreamOptions): Promise<boolean> {
  if (signal.aborted) return false;
  const wait_s = due_s - clock.now_s();
  if (wait_s <= 0) return true;
  try {
    await clock.sleep(wait_s, signal);
    return !signal.aborted;
  } catch (thrown) {
    if (signal.aborted) return false;
    throw thrown;
  }
}
