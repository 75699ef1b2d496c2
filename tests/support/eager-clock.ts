import type { Clock } from '../../src/core/clock.ts';

interface Sleeper {
  readonly until_s: number;
  readonly wake: () => void;
}

/**
 * Virtual time that jumps to the next sleeper as soon as the event loop has come round once: exact, and as fast as the
 * sockets between client and server allow. For one thing at a time: sleepers are not waited for that are yet to come.
 */
export function eagerClock(start_s = 0): Clock {
  let now_s = start_s;
  const sleepers = new Set<Sleeper>();
  const tick = (): void => {
    const [next] = [...sleepers].sort((a, b) => a.until_s - b.until_s);
    if (next === undefined) return;
    sleepers.delete(next);
    now_s = Math.max(now_s, next.until_s);
    next.wake();
  };
  return {
    now_s: () => now_s,
    wallAt: () => new Date(Date.UTC(2026, 0, 1) + now_s * 1000).toISOString(),
    sleep: (duration_s, signal) =>
      new Promise<void>((resolve, reject) => {
        const abort = (): void => {
          sleepers.delete(sleeper);
          reject(signal?.reason);
        };
        const wake = (): void => {
          signal?.removeEventListener('abort', abort);
          resolve();
        };
        const sleeper: Sleeper = { until_s: now_s + Math.max(0, duration_s), wake };
        if (signal?.aborted) {
          abort();
          return;
        }
        sleepers.add(sleeper);
        signal?.addEventListener('abort', abort, { once: true });
        setImmediate(tick);
      }),
  };
}
