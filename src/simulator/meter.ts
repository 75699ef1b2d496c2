import type { Writable } from 'node:stream';
import { type Clock, wallSpan_s } from '../core/clock.ts';
import { S_PER_NS } from '../core/units.ts';
import type { Cadence } from './cadence.ts';
import { frameText } from './frame-text.ts';
import type { Machine } from './machine.ts';
import type { MeterRequest } from './meter-flags.ts';
import type { Physics } from './physics.ts';
import { createRailCounters } from './rail-counters.ts';

export interface MeterParts {
  readonly request: MeterRequest;
  readonly physics: Physics;
  readonly cadence: Cadence;
  readonly machine: Machine;
  readonly clock: Clock;
  readonly stdout: Writable;
  /** Resolves when all steps written up to now have reached `physics`. */
  readonly caughtUp: () => Promise<void>;
  /** Ends the meter between frames or while it waits. */
  readonly signal: AbortSignal;
}

/** Size of a block of buffered standard output. Source: BUFSIZ of macOS' stdio. */
const BLOCK_CHARS = 1024;

/**
 * Writes frames until the count is reached or the signal aborts; returns either way, and also when the reader is gone.
 *
 *   |<- window ->|<- delay ->| frame
 *                |<- next window ->|<- delay ->| frame
 *
 * A window's energy is read only after the delay and after the feed has caught up, so that every step inside it counts;
 * windows follow one another without a gap however late a frame is.
 */
export async function runMeter(parts: MeterParts): Promise<void> {
  const ended = new AbortController();
  const end = (): void => ended.abort(new Error('the meter was told to end'));
  parts.stdout.on('error', end);
  parts.signal.addEventListener('abort', end);
  if (parts.signal.aborted) end();
  try {
    await writeFrames(parts, ended.signal);
  } catch (thrown) {
    if (!ended.signal.aborted) throw thrown;
  } finally {
    parts.signal.removeEventListener('abort', end);
  }
}

async function writeFrames(parts: MeterParts, signal: AbortSignal): Promise<void> {
  const { cadence, clock, request } = parts;
  const counters = createRailCounters(parts.physics);
  const output = bufferedOutput(parts.stdout, request.unbuffered);
  const boottime_s = Math.round(wallSpan_s('1970-01-01T00:00:00Z', clock.wallAt()) - clock.now_s());
  let start_s = clock.now_s();
  for (let frame = 0; frame < request.frames; frame++) {
    await clock.sleep(start_s + cadence.width_s(frame) - clock.now_s(), signal);
    const elapsed_ns = Math.round((clock.now_s() - start_s) / S_PER_NS);
    const end_s = start_s + elapsed_ns * S_PER_NS;
    const endedAt = clock.wallAt();
    await clock.sleep(cadence.delay_s(frame), signal);
    await parts.caughtUp();
    const gpuWindow_ns = Math.round(elapsed_ns * cadence.gpuRatio(frame));
    const energy_mJ = counters.take(start_s, end_s);
    const { machine } = parts;
    const { samplers } = request;
    const text = frameText({ elapsed_ns, gpuWindow_ns, energy_mJ, endedAt, boottime_s, machine, samplers });
    await output.write(frame === 0 ? text : `\0${text}`);
    start_s = end_s;
  }
  await output.flush();
}

interface Output {
  write(text: string): Promise<void>;
  flush(): Promise<void>;
}

/** Unbuffered, each frame goes out whole; buffered, only full blocks do. */
function bufferedOutput(stdout: Writable, unbuffered: boolean): Output {
  let held = '';
  const put = (text: string): Promise<void> =>
    new Promise((resolve, reject) => {
      stdout.write(text, (error) => (error ? reject(error) : resolve()));
    });
  return {
    write: (text) => {
      held += text;
      const due = unbuffered ? held.length : held.length - (held.length % BLOCK_CHARS);
      const out = held.slice(0, due);
      held = held.slice(due);
      return put(out);
    },
    flush: () => put(held),
  };
}
