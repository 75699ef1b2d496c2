import type { Writable } from 'node:stream';
import type { Clock } from '../src/core/clock.ts';
import type { Seconds } from '../src/core/units.ts';
import { type Chunk, ChunkQueue, feedQueue } from './chunk-queue.ts';
import { endProcess, GRACE_s, type SendSignal, settledWithin } from './end-process.ts';

/** An absolute path or a name on PATH, its arguments as a list: no shell ever sees them. */
export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  /** The whole environment of the command; without it, the command inherits ours. */
  readonly env?: Readonly<Record<string, string>>;
  /**
   * True: a session of its own, so that Ctrl-C at the terminal ends the run in order and not the meter under it. Not
   * for sudo, which must find the terminal to know its credential.
   */
  readonly ownSession?: boolean;
  /** True: its input stays open, for `tell`. Else it has none. */
  readonly listens?: boolean;
}

export interface CommandOptions {
  /** Ends the stream and the command. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
  /** Between SIGTERM and SIGKILL. */
  readonly grace_s?: Seconds;
  /** Called with the command's error output as it comes. */
  readonly onStderr?: (text: string) => void;
  /** `process.kill` but in tests. */
  readonly send?: SendSignal;
}

export interface CommandExit {
  readonly code: number | null;
  readonly signal: string | null;
  /** The last 4,000 characters. */
  readonly stderr: string;
  /** Why the command never started; null when it did. */
  readonly startError: string | null;
}

/** The command's output. Leaving the loop, or the signal, ends the command before the loop is left. */
export interface CommandStream extends AsyncIterable<Chunk> {
  readonly pid: number | undefined;
  /** Resolves when the command is gone, or was let go of because its owner is another (code and signal are null). */
  readonly exit: Promise<CommandExit>;
  /** Writes to the input of a command that listens; does nothing once it is gone. */
  tell(text: string): void;
}

/** Runs a command and yields its output as stamped chunks. Never throws: how it ended is in `exit`. */
export async function commandStream(command: Command, options: CommandOptions): Promise<CommandStream> {
  const { signal, clock, grace_s = GRACE_s } = options;
  // Loaded with the first command: a hundred modules, which most calls never need.
  const { execa } = await import('execa');
  const child = startChild(execa, command);
  const stderrTail = keepTail(child.stderr, options.onStderr);
  const queue = new ChunkQueue();
  feedQueue(queue, child.stdout, clock);
  const letGo = new AbortController();
  const exit = Promise.race([
    child.then((result) => ({
      code: result.exitCode ?? null,
      signal: result.signal ?? null,
      stderr: stderrTail(),
      startError: child.pid === undefined ? messageOf(result.cause) : null,
    })),
    whenAborted(letGo.signal).then(() => ({
      code: null,
      signal: null,
      stderr: stderrTail(),
      startError: null,
    })),
  ]);
  const end = once(async () => {
    queue.end(signal.aborted);
    if (!(await endProcess(child, options))) letGo.abort();
  });
  const stopListening = onAbort(signal, () => void end());
  return {
    pid: child.pid,
    exit,
    tell: teller(child.stdin),
    async *[Symbol.asyncIterator]() {
      try {
        yield* queue;
        // It ended by itself: its last words and its exit code are on their way.
        if (!signal.aborted) await settledWithin(exit, grace_s, clock);
      } finally {
        stopListening();
        await end();
      }
    },
  };
}

function startChild(execa: typeof import('execa').execa, command: Command) {
  return execa(command.file, [...command.args], {
    ...(command.env === undefined ? {} : { env: { ...command.env }, extendEnv: false }),
    detached: command.ownSession === true,
    stdin: command.listens === true ? 'pipe' : 'ignore',
    encoding: 'buffer',
    buffer: false,
    reject: false,
  });
}

function teller(stdin: Writable | null): (text: string) => void {
  // Its end is told by its output and its exit.
  stdin?.on('error', () => undefined);
  return (text) => {
    if (stdin?.writable === true) stdin.write(text);
  };
}

function once<T>(action: () => T): () => T {
  let done: { readonly value: T } | undefined;
  return () => {
    done ??= { value: action() };
    return done.value;
  };
}

function onAbort(signal: AbortSignal, action: () => void): () => void {
  if (signal.aborted) action();
  else signal.addEventListener('abort', action, { once: true });
  return () => signal.removeEventListener('abort', action);
}

function whenAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

const STDERR_TAIL = 4000;

function keepTail(stream: NodeJS.ReadableStream, onText: ((text: string) => void) | undefined): () => string {
  let tail = '';
  stream.setEncoding('utf8');
  stream.on('data', (text: string) => {
    tail = (tail + text).slice(-STDERR_TAIL);
    onText?.(text);
  });
  return () => tail;
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
