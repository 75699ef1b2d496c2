import type { Clock } from '../core/clock.ts';
import { LmpowerError } from '../core/errors.ts';
import type { Seconds } from '../core/units.ts';

export interface Patience {
  readonly clock: Clock;
  readonly timeout_s: Seconds;
}

export interface Watchdog {
  /** A sign of life, at the instant given or now: cheap enough for every token. */
  touch(at_s?: Seconds): void;
  stop(): void;
}

/** Calls `onSilence` once when nothing has touched it for `timeout_s`. */
export function startWatchdog({ clock, timeout_s }: Patience, onSilence: () => void): Watchdog {
  const ended = new AbortController();
  let last_s = clock.now_s();
  const wait = (): void => {
    const left_s = last_s + timeout_s - clock.now_s();
    if (left_s > 0) clock.sleep(left_s, ended.signal).then(wait, ignoreEnd);
    else if (!ended.signal.aborted) onSilence();
  };
  const ignoreEnd = (): void => undefined;
  clock.sleep(timeout_s, ended.signal).then(wait, ignoreEnd);
  return {
    touch: (at_s) => {
      last_s = at_s ?? clock.now_s();
    },
    stop: () => ended.abort(),
  };
}

/** Hold on a wait that is under way. */
export interface Wait {
  /** A sign of life. */
  touch(): void;
  /** Ends the wait with this error. */
  fail(error: LmpowerError): void;
}

export interface Deadline extends Patience {
  /** What is awaited, for the message: `the list of models`. */
  readonly what: string;
  readonly signal?: AbortSignal;
  readonly onStart?: (wait: Wait) => void;
}

/**
 * `work`, or BACKEND_TIMEOUT after silence, or INTERRUPTED when the signal aborts; never later than either. What `work`
 * does afterwards is ignored, a late rejection included.
 */
export function within<T>(work: PromiseLike<T>, deadline: Deadline): Promise<T> {
  const { what, timeout_s, signal } = deadline;
  return new Promise<T>((resolve, reject) => {
    const settle = (finish: () => void): void => {
      watchdog.stop();
      signal?.removeEventListener('abort', onAbort);
      finish();
    };
    const fail = (error: unknown): void => settle(() => reject(error));
    const onAbort = (): void => fail(interrupted(what));
    const watchdog = startWatchdog(deadline, () => fail(timedOut(what, timeout_s)));
    work.then((value) => settle(() => resolve(value)), fail);
    if (signal?.aborted === true) onAbort();
    else signal?.addEventListener('abort', onAbort, { once: true });
    deadline.onStart?.({ touch: watchdog.touch, fail });
  });
}

export function timedOut(what: string, timeout_s: Seconds): LmpowerError {
  return new LmpowerError('BACKEND_TIMEOUT', `the server gave no sign of life for ${timeout_s} s: ${what}`);
}

export function interrupted(what: string): LmpowerError {
  return new LmpowerError('INTERRUPTED', `interrupted: ${what}`);
}
