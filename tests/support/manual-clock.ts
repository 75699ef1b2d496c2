import type { Clock } from '../../src/core/clock.ts';

interface Sleeper {
  readonly until_s: number;
  readonly wake: () => void;
}

export interface ManualClock extends Clock {
  /** Moves time on, waking sleepers in order of their time, and lets what they wake run in between. */
  advance(duration_s: number): Promise<void>;
  /** Moves time on to each next sleeper until `done` settles. */
  runUntil<T>(done: Promise<T>): Promise<T>;
}

/** A clock that moves only when told to. */
export function manualClock(start_s = 0): ManualClock {
  let now_s = start_s;
  let sleepers: Sleeper[] = [];
  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 20; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
  };
  const wakeDue = async (limit_s: number): Promise<boolean> => {
    const next = sleepers.filter((s) => s.until_s <= limit_s).sort((a, b) => a.until_s - b.until_s)[0];
    if (next === undefined) return false;
    sleepers = sleepers.filter((s) => s !== next);
    now_s = Math.max(now_s, next.until_s);
    next.wake();
    await settle();
    return true;
  };
  const advance = async (duration_s: number): Promise<void> => {
    const limit_s = now_s + duration_s;
    await settle();
    while (await wakeDue(limit_s));
    now_s = limit_s;
    await settle();
  };
  return {
    now_s: () => now_s,
    wallAt: () => new Date(Date.UTC(2026, 0, 1) + now_s * 1000).toISOString(),
    sleep: (duration_s, signal) =>
      new Promise<void>((resolve, reject) => {
        if (signal?.aborted) {
          reject(signal.reason);
          return;
        }
        const onAbort = (): void => {
          sleepers = sleepers.filter((s) => s !== sleeper);
          reject(signal?.reason);
        };
        const wake = (): void => {
          signal?.removeEventListener('abort', onAbort);
          resolve();
        };
        const sleeper: Sleeper = { until_s: now_s + Math.max(0, duration_s), wake };
        sleepers.push(sleeper);
        signal?.addEventListener('abort', onAbort, { once: true });
      }),
    advance,
    runUntil: async (done) => {
      let settled = false;
      const mark = (): void => {
        settled = true;
      };
      done.then(mark, mark);
      await settle();
      while (!settled && sleepers.length > 0) await wakeDue(Number.POSITIVE_INFINITY);
      return done;
    },
  };
}
