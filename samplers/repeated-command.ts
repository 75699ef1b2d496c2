import type { Clock } from '../src/core/clock.ts';
import type { Seconds } from '../src/core/units.ts';
import type { Chunk } from './chunk-queue.ts';
import { type Command, type CommandExit, type CommandStream, commandStream } from './command-stream.ts';

/** The record separator of ASCII, around the number of the run: what stands there ended, and well. */
const MARK = '\u001e';
/**
 * Runs its arguments at each line of its input, and says that line after them. They reach it as a list, and it never reads
 * them as its own words. Told to end, it waits for what it runs, which may refuse: then both are killed.
 */
const SHELL_TEXT = `trap 'trap - TERM; kill -TERM $$' TERM
while read -r run; do "$@" </dev/null || exit; printf '\\036%s\\036' "$run"; done`;
/** `$0` of that shell, with which its own complaints begin. */
const SHELL_NAME = 'sh';
/** What a shell answers for a command that it cannot execute or find. Source: POSIX.1-2024, 2.8.2. */
const START_ERRORS: Readonly<Record<number, string>> = { 126: 'EACCES', 127: 'ENOENT' };

export interface CommandRun {
  readonly output: Uint8Array;
  /** When the last of it came; null: there was none. */
  readonly arrival_s: Seconds | null;
  readonly exit: CommandExit;
}

const ENDED_WELL: CommandExit = { code: 0, signal: null, stderr: '', startError: null };

interface Shell {
  readonly stream: CommandStream;
  readonly chunks: AsyncIterator<Chunk>;
}

/**
 * A short command that is run again and again, by a shell of its own that waits in between (POSIX only). Starting a process
 * from a large one takes milliseconds of it, since all of its memory is marked to be copied; the shell is small, and waking
 * it is a write. A run that fails ends the shell, so that its words and its exit code are known; the next starts another.
 */
export class RepeatedCommand {
  readonly #command: Command;
  readonly #signal: AbortSignal;
  readonly #closing = new AbortController();
  readonly #clock: Clock;
  #shell: Shell | null = null;
  #runs = 0;

  constructor(command: Command, { signal, clock }: { readonly signal: AbortSignal; readonly clock: Clock }) {
    this.#command = {
      ...command,
      file: '/bin/sh',
      args: ['-c', SHELL_TEXT, SHELL_NAME, command.file, ...command.args],
      ownSession: true,
      listens: true,
    };
    this.#signal = AbortSignal.any([signal, this.#closing.signal]);
    this.#clock = clock;
  }

  /** One run to its end, or to the signal. Never throws, and never two at once. */
  async run(): Promise<CommandRun> {
    this.#shell ??= await this.#start();
    const { stream, chunks } = this.#shell;
    this.#runs += 1;
    stream.tell(`${this.#runs}\n`);
    const mark = Buffer.from(`${MARK}${this.#runs}${MARK}`);
    let output = Buffer.alloc(0);
    let arrival_s: Seconds | null = null;
    for (;;) {
      const next = await chunks.next();
      if (next.done === true) return { output, arrival_s, exit: await this.#exitOf(stream) };
      const before_B = output.length;
      output = Buffer.concat([output, next.value.chunk]);
      const end = output.indexOf(mark, Math.max(0, before_B - mark.length));
      if (end < 0 || end > before_B) arrival_s = next.value.arrival_s;
      if (end >= 0) return { output: output.subarray(0, end), arrival_s, exit: ENDED_WELL };
    }
  }

  /** Ends the shell and what it runs. */
  async close(): Promise<void> {
    const shell = this.#shell;
    this.#shell = null;
    this.#closing.abort();
    await shell?.chunks.return?.();
  }

  async #start(): Promise<Shell> {
    const options = { signal: this.#signal, clock: this.#clock, send: toGroup };
    const stream = await commandStream(this.#command, options);
    return { stream, chunks: stream[Symbol.asyncIterator]() };
  }

  async #exitOf(stream: CommandStream): Promise<CommandExit> {
    this.#shell = null;
    const exit = await stream.exit;
    // A tool may end with these codes, too: it is the shell that says so.
    const isShells = exit.stderr.startsWith(`${SHELL_NAME}: `);
    const refused = isShells ? START_ERRORS[exit.code ?? 0] : undefined;
    return { ...exit, startError: exit.startError ?? refused ?? null };
  }
}

/** The shell and what it runs at the time. */
function toGroup(pid: number, signal: 'SIGTERM' | 'SIGKILL'): void {
  process.kill(-pid, signal);
}
