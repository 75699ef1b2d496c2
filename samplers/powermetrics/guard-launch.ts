import { Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import type { Clock } from '../../src/core/clock.ts';
import { LmpowerError } from '../../src/core/errors.ts';
import { type Chunk, ChunkQueue } from '../chunk-queue.ts';
import { clampInterval } from '../privileged/meter-command.ts';
import { type MeterLaunch, meterEnded, type OpenOptions } from './launch.ts';

/** The guard as the entry leaves it: its three pipes. A child process has them. */
export interface GuardHandle {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
}

/** What the guard is asked to run: the meter, or its reading of Linux' energy counters. */
export type GuardVerb = 'start' | 'powercap';

/** The meter behind the guard that `sudo lmpower` started before it gave up root's rights. One stream at a time. */
export function guardLaunch(guard: GuardHandle, verb: GuardVerb = 'start'): MeterLaunch {
  const line = new GuardLine(guard, verb);
  return {
    describe: 'the guard of sudo lmpower',
    open: (options) => openMeter(line, options),
    probe: async () =>
      line.dead
        ? { state: 'broken', detail: 'the guard has ended', remedy: 'start again: sudo lmpower run' }
        : { state: 'ready', detail: 'the guard of sudo lmpower runs the meter as root', remedy: null },
  };
}

async function* openMeter(line: GuardLine, options: OpenOptions): AsyncGenerator<Chunk, void, undefined> {
  const { signal } = options;
  if (signal.aborted) return;
  const meter = await line.start(options);
  const stop = (): void => line.stop(meter);
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  try {
    yield* meter.queue;
    if (!signal.aborted) throw meter.failure();
  } finally {
    signal.removeEventListener('abort', stop);
    line.stop(meter);
    // A meter that was told to end is gone before its stream is: the guard sees to that.
    await meter.gone;
  }
}

/** The guard's protocol, seen from the reader's side. */
class GuardLine {
  dead = false;
  readonly #guard: GuardHandle;
  readonly #verb: GuardVerb;
  #meter: GuardedMeter | undefined;
  #rest = '';

  constructor(guard: GuardHandle, verb: GuardVerb) {
    this.#guard = guard;
    this.#verb = verb;
    guard.stdout.on('data', (chunk: Uint8Array) => this.#pass(chunk));
    guard.stderr.setEncoding('utf8').on('data', (text: string) => this.#read(text));
    for (const stream of [guard.stdin, guard.stdout, guard.stderr]) {
      stream.on('error', () => this.#die());
      stream.on('close', () => this.#die());
    }
    this.#hold(false);
  }

  async start(options: OpenOptions): Promise<GuardedMeter> {
    await this.#meter?.gone;
    if (this.dead) {
      throw new LmpowerError('SAMPLER_UNAVAILABLE', 'the guard that starts the meter has ended', {
        remedy: 'start again: sudo lmpower run',
      });
    }
    const meter = new GuardedMeter(options.clock);
    this.#meter = meter;
    this.#hold(true);
    this.#guard.stdin.write(`${this.#verb} ${clampInterval(options.interval_ms)}\n`);
    void meter.gone.then(() => this.#hold(false));
    return meter;
  }

  stop(meter: GuardedMeter): void {
    meter.queue.end(true);
    // What it still wrote is read and dropped, so that its exit can be reported.
    this.#guard.stdout.resume();
    if (this.#meter === meter && !meter.ended && !this.dead) this.#guard.stdin.write('stop\n');
  }

  #pass(chunk: Uint8Array): void {
    if (this.#meter?.receive(chunk, () => this.#guard.stdout.resume())) this.#guard.stdout.pause();
  }

  #read(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#meter?.note(line);
  }

  #die(): void {
    this.dead = true;
    this.#meter?.finish();
  }

  /** The guard's pipes keep this process alive only while a meter runs. */
  #hold(needed: boolean): void {
    for (const pipe of [this.#guard.stdin, this.#guard.stdout, this.#guard.stderr]) {
      if (!(pipe instanceof Socket)) continue;
      if (needed) pipe.ref();
      else pipe.unref();
    }
  }
}

/** One meter's life between `started` and `exited`. */
class GuardedMeter {
  readonly queue = new ChunkQueue();
  readonly gone: Promise<void>;
  ended = false;
  readonly #clock: Clock;
  #resolveGone: () => void = () => undefined;
  #received_B = 0;
  #exit:
    | { readonly code: number | null; readonly signal: string | null; readonly written_B: number }
    | undefined;
  #stderr = '';
  #refusal: string | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.gone = new Promise((resolve) => {
      this.#resolveGone = resolve;
    });
  }

  receive(chunk: Uint8Array, resume: () => void): boolean {
    this.#received_B += chunk.length;
    const full = this.queue.push({ chunk, arrival_s: this.#clock.now_s() }, resume);
    this.#finishIfComplete();
    return full;
  }

  note(line: string): void {
    const [word = '', ...rest] = line.split(' ');
    const text = rest.join(' ');
    if (word === 'stderr') this.#stderr = `${this.#stderr}${text}\n`.slice(-4000);
    else if (word === 'exited') this.#noteExit(rest);
    else if (word === 'refused') {
      this.#refusal = text;
      this.finish();
    }
  }

  finish(): void {
    this.ended = true;
    this.queue.end();
    this.#resolveGone();
  }

  failure(): LmpowerError {
    if (this.#refusal !== undefined) {
      return new LmpowerError(
        'SAMPLER_UNAVAILABLE',
        `the guard refused to start the meter: ${this.#refusal}`,
      );
    }
    const { code = null, signal = null } = this.#exit ?? {};
    return meterEnded({ code, signal, stderr: this.#stderr, startError: null });
  }

  #noteExit([code = '-', signal = '-', written = '0']: string[]): void {
    this.#exit = {
      code: code === '-' ? null : Number(code),
      signal: signal === '-' ? null : signal,
      written_B: Number(written),
    };
    this.#finishIfComplete();
  }

  /** Status and bytes come through two pipes: it is over when the last byte is here, whichever comes first. */
  #finishIfComplete(): void {
    if (this.#exit !== undefined && this.#received_B >= this.#exit.written_B) this.finish();
  }
}
