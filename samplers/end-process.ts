import type { Clock } from '../src/core/clock.ts';
import type { Seconds } from '../src/core/units.ts';

/** What ending needs of a child process; execa's and Node's have it. */
export interface Killable {
  readonly pid?: number | undefined;
  readonly exitCode: number | null;
  readonly signalCode: string | null;
  readonly stdout: { destroy(): unknown } | null;
  readonly stderr: { destroy(): unknown } | null;
  once(event: 'exit', listener: () => void): unknown;
  unref(): void;
}

export type SendSignal = (pid: number, signal: 'SIGTERM' | 'SIGKILL') => unknown;

export interface EndOptions {
  readonly clock: Clock;
  readonly grace_s?: Seconds;
  readonly send?: SendSignal;
}

/** Between SIGTERM and SIGKILL, and for last words. */
export const GRACE_s = 1;

/**
 * Ends a child for certain: SIGTERM, SIGKILL after the grace time, then its pipes are closed. False: it is another
 * user's (the meter is root's) and refuses our signal with EPERM; then closing the pipes is all that can be done, and
 * enough, for its next write ends it. The child's own `kill()` is not used: after EPERM execa's promise never settles.
 */
export async function endProcess(child: Killable, options: EndOptions): Promise<boolean> {
  const { clock, grace_s = GRACE_s, send = process.kill } = options;
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    if (isGone(child) || !deliver(send, child.pid, signal)) break;
    await settledWithin(exitOf(child), grace_s, clock);
  }
  child.stdout?.destroy();
  child.stderr?.destroy();
  // One that still lives must not keep this process alive.
  child.unref();
  return isGone(child);
}

function isGone(child: Killable): boolean {
  return child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
}

/** False: the process is not ours to signal (EPERM), or has gone a moment ago (ESRCH). */
function deliver(send: SendSignal, pid: number | undefined, signal: 'SIGTERM' | 'SIGKILL'): boolean {
  if (pid === undefined) return false;
  try {
    send(pid, signal);
    return true;
  } catch (error) {
    if (isRefusal(error)) return false;
    throw error;
  }
}

function isRefusal(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'EPERM' || error.code === 'ESRCH');
}

/** Resolves when `done` settles or the time is over, whichever is first. */
export async function settledWithin(done: Promise<unknown>, limit_s: Seconds, clock: Clock): Promise<void> {
  const timer = new AbortController();
  // The timer's abort, once `done` has settled, is no failure.
  const over = clock.sleep(limit_s, timer.signal).then(
    () => undefined,
    () => undefined,
  );
  await Promise.race([done, over]);
  timer.abort();
}

function exitOf(child: Killable): Promise<void> {
  return new Promise((resolve) => {
    child.once('exit', resolve);
    if (isGone(child)) resolve();
  });
}
