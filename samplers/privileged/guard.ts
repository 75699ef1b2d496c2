import { type ChildProcess, spawn } from 'node:child_process';
import { realpathSync } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { MAX_INTERVAL_ms, METER_ENV, METER_PATH, MIN_INTERVAL_ms, meterArguments } from './meter-command.ts';
import { POWERCAP_PATH, type PowercapReader, startPowercapReader } from './powercap-reader.ts';

export interface GuardOptions {
  /** As a program the guard knows one path only; tests give a stand-in here. */
  readonly executable: string;
  /** Arguments before the fixed ones. */
  readonly leading?: readonly string[];
  /** Likewise the folder of the energy counters. */
  readonly powercap?: string;
  readonly input: Readable;
  readonly output: Writable;
  readonly status: Writable;
  /** Between SIGTERM and SIGKILL. */
  readonly grace_ms?: number;
}

export interface Guard {
  /** Ends the meter and the guard, as the end of the input does. */
  close(): void;
  /** Resolves when the meter is gone for good. */
  readonly closed: Promise<void>;
}

/**
 * Starts, restarts and ends the meter for a parent that has given up root's rights.
 * Input lines: `start <integer ms>` (the meter), `powercap <integer ms>` (Linux' energy counters, read in this process),
 * `stop`; its end ends everything. Output: the bytes of the one that runs.
 * Status lines: `started <pid>` · `stderr <text>` · `exited <code|-> <signal|-> <bytes written since start>` ·
 * `refused <reason>`. The count of bytes tells the reader, who has two pipes, where one meter's output ends.
 */
export function runGuard(options: GuardOptions): Guard {
  const state = new GuardState(options);
  readLines(options.input, (line) => state.obey(line));
  for (const ending of ['end', 'close', 'error']) options.input.on(ending, () => state.close());
  // The reader went away: there is nobody left to measure for.
  for (const stream of [options.output, options.status]) stream.on('error', () => state.close());
  return { close: () => state.close(), closed: state.closed };
}

class GuardState {
  readonly closed: Promise<void>;
  readonly #options: GuardOptions;
  #meter: ChildProcess | undefined;
  #reader: PowercapReader | undefined;
  #nextInterval_ms: number | undefined;
  #closing = false;
  #resolveClosed: () => void = () => undefined;

  constructor(options: GuardOptions) {
    this.#options = options;
    this.closed = new Promise((resolve) => {
      this.#resolveClosed = resolve;
    });
  }

  obey(line: string): void {
    if (this.#closing) return;
    if (line === 'stop') {
      this.#nextInterval_ms = undefined;
      this.#endReader();
      this.#endMeter();
      return;
    }
    const [, what, digits] = /^(start|powercap) ([1-9][0-9]{0,5})$/.exec(line) ?? [];
    const interval_ms = Number(digits ?? Number.NaN);
    if (Number.isNaN(interval_ms)) this.#refuse(`not a command: ${JSON.stringify(line.slice(0, 40))}`);
    else if (interval_ms < MIN_INTERVAL_ms || interval_ms > MAX_INTERVAL_ms) {
      this.#refuse(`interval outside ${MIN_INTERVAL_ms} … ${MAX_INTERVAL_ms} ms`);
    } else if (what === 'powercap') this.#startReader(interval_ms);
    else this.#restart(interval_ms);
  }

  close(): void {
    if (this.#closing) return;
    this.#closing = true;
    this.#nextInterval_ms = undefined;
    this.#endReader();
    if (this.#meter === undefined) this.#resolveClosed();
    else this.#endMeter();
  }

  /** No machine has both: the bytes of the meter and of the counters never mix. */
  #startReader(interval_ms: number): void {
    if (this.#meter !== undefined) {
      this.#refuse('the meter runs');
      return;
    }
    this.#endReader();
    this.#say(`started ${process.pid}`);
    const { powercap = POWERCAP_PATH, output } = this.#options;
    this.#reader = startPowercapReader({ root: powercap, interval_ms, output });
  }

  #endReader(): void {
    const reader = this.#reader;
    this.#reader = undefined;
    if (reader !== undefined) this.#say(`exited - - ${reader.stop()}`);
  }

  #restart(interval_ms: number): void {
    this.#endReader();
    if (this.#meter === undefined) this.#start(interval_ms);
    else {
      // One meter at a time, so that the bytes of two never mix.
      this.#nextInterval_ms = interval_ms;
      this.#endMeter();
    }
  }

  #start(interval_ms: number): void {
    const { executable, leading = [], output } = this.#options;
    const meter = spawn(executable, [...leading, ...meterArguments(interval_ms)], {
      cwd: '/',
      env: { ...METER_ENV },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#meter = meter;
    if (meter.pid !== undefined) this.#say(`started ${meter.pid}`);
    meter.on('error', (error) => this.#say(`stderr ${error.message}`));
    meter.stderr.setEncoding('utf8').on('data', (text: string) => this.#passStderr(text));
    const written_B = passThrough(meter.stdout, output);
    meter.on('exit', () => {
      // Nobody reads any more: a full pipe must not hold up the end.
      if (this.#closing) meter.stdout.destroy();
    });
    meter.on('close', (code, signal) => {
      this.#say(`exited ${code === null || code < 0 ? '-' : code} ${signal ?? '-'} ${written_B()}`);
      this.#afterExit();
    });
  }

  #afterExit(): void {
    const next_ms = this.#nextInterval_ms;
    this.#meter = undefined;
    this.#nextInterval_ms = undefined;
    if (this.#closing) this.#resolveClosed();
    else if (next_ms !== undefined) this.#start(next_ms);
  }

  #endMeter(): void {
    const meter = this.#meter;
    if (meter?.pid === undefined || meter.exitCode !== null || meter.signalCode !== null) {
      if (this.#closing) meter?.stdout?.destroy();
      return;
    }
    meter.kill('SIGTERM');
    const kill = setTimeout(() => meter.kill('SIGKILL'), this.#options.grace_ms ?? 1000);
    meter.once('exit', () => clearTimeout(kill));
  }

  #passStderr(text: string): void {
    for (const line of text.split('\n')) if (line.trim() !== '') this.#say(`stderr ${line.slice(0, 500)}`);
  }

  #refuse(reason: string): void {
    this.#say(`refused ${reason}`);
  }

  #say(line: string): void {
    if (this.#options.status.writable) this.#options.status.write(`${line}\n`);
  }
}

/** Copies at the reader's pace; gives the count of bytes copied so far. */
function passThrough(from: Readable, to: Writable): () => number {
  let written_B = 0;
  from.on('data', (chunk: Buffer) => {
    written_B += chunk.length;
    if (!to.writable || to.write(chunk)) return;
    from.pause();
    to.once('drain', () => from.resume());
  });
  return () => written_B;
}

/** No line is longer than this; what has no newline by then is refused as one line, so that memory stays bounded. */
const LONGEST_LINE = 256;

function readLines(input: Readable, onLine: (line: string) => void): void {
  let rest = '';
  let skipping = false;
  input.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (!skipping) onLine(line);
      skipping = false;
    }
    if (rest.length <= LONGEST_LINE) return;
    if (!skipping) onLine(rest);
    skipping = true;
    rest = '';
  });
}

function isProgram(): boolean {
  const script = process.argv[1];
  return script !== undefined && realpathSync(script) === fileURLToPath(import.meta.url);
}

if (isProgram()) {
  const { stdin, stdout, stderr } = process;
  const guard = runGuard({ executable: METER_PATH, input: stdin, output: stdout, status: stderr });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => guard.close());
  await guard.closed;
  // Bytes that nobody reads any more would keep the process alive.
  process.exit(0);
}
