import type { Clock } from '../src/core/clock.ts';
import type { Chunk } from './chunk-queue.ts';
import { type Command, type CommandExit, type CommandStream, commandStream } from './command-stream.ts';

/** The record separator of ASCII, which no tool prints: the command has ended, and well. */
const ENDED = 0x1e;
/** Runs its arguments at each line of its input. They reach it as a list, and it never reads them as its own words. */
const SHELL_TEXT = `while read -r _; do "$@" </dev/null || exit; printf '\\036'; done`;
/** What a shell answers for a command that it cannot execute or find. Source: POSIX.1-2024, 2.8.2. */
const START_ERRORS: Readonly<Record<number, string>> = { 126: 'EACCES', 127: 'ENOENT' };

export interface CommandRun {
  readonly chunks: readonly Chunk[];
  readonly exit: CommandExit;
}

const ENDED_WELL: CommandExit = { code: 0, signal: null, stderr: '', startError: null };

/**
 * A short command that is run again and again, by a shell of its own that waits in between. Starting a process from a large
 * one takes milliseconds of it, since all of its memory is marked to be copied; the shell is small, and waking it is a write.
 * A run that fails ends the shell, so that its words and its exit code are known; the next run starts another.
 */
export class RepeatedCommand {
  readonly #command: Command;
  readonly #signal: AbortSignal;
  readonly #clock: Clock;
  #shell: { readonly stream: CommandStream; readonly chunks: AsyncIterator<Chunk> } | null = null;

  constructor(command: Command, { signal, clock }: { readonly signal: AbortSignal; readonly clock: Clock }) {
    this.#command = {
      ...command,
      file: '/bin/sh',
      args: ['-c', SHELL_TEXT, 'sh', command.file, ...command.args],
      ownSession: true,
      listens: true,
    };
    this.#signal = signal;
    this.#clock = clock;
  }

  /** One run to its end, or to the signal. Never throws, and never two at once. */
  async run(): Promise<CommandRun> {
    this.#shell ??= await this.#start();
    const { stream, chunks } = this.#shell;
    stream.tell('\n');
    const read: Chunk[] = [];
    for (;;) {
      const next = await chunks.next();
      if (next.done === true) return { chunks: read, exit: await this.#exitOf(stream) };
      const { chunk, arrival_s } = next.value;
      const hasEnded = chunk.at(-1) === ENDED;
      read.push({ chunk: hasEnded ? chunk.subarray(0, -1) : chunk, arrival_s });
      if (hasEnded) return { chunks: read, exit: ENDED_WELL };
    }
  }

  async close(): Promise<void> {
    const shell = this.#shell;
    this.#shell = null;
    await shell?.chunks.return?.();
  }

  async #start() {
    const options = { signal: this.#signal, clock: this.#clock, send: toGroup };
    const stream = await commandStream(this.#command, options);
    return { stream, chunks: stream[Symbol.asyncIterator]() };
  }

  async #exitOf(stream: CommandStream): Promise<CommandExit> {
    this.#shell = null;
    const exit = await stream.exit;
    return { ...exit, startError: exit.startError ?? START_ERRORS[exit.code ?? 0] ?? null };
  }
}

/** The shell and what it runs at the time. */
function toGroup(pid: number, signal: 'SIGTERM' | 'SIGKILL'): void {
  process.kill(-pid, signal);
}
