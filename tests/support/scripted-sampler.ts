import type { Sampler, StreamOptions } from '../../samplers/sampler.ts';
import type { Batch, Domain, RecordedEvent, Sample } from '../../src/core/sample.ts';

/** One stream of a scripted sampler, driven by the test. */
interface ScriptedStream {
  readonly options: StreamOptions;
  readonly queue: (Batch | 'end' | Error)[];
  wake: () => void;
  isOpen: boolean;
}

export interface ScriptedSampler extends Sampler {
  /** Hands a batch to the newest stream. */
  give(batch: Batch): void;
  /** Ends the newest stream, as a meter that went away. */
  end(): void;
  /** Makes the newest stream throw. */
  fail(error: Error): void;
  /** Streams opened so far, and those of them that have not ended. */
  readonly opened: number;
  readonly open: number;
}

export interface ScriptedOptions {
  readonly domains?: readonly Domain[];
  readonly finite?: boolean;
  /** The meter does not care for the signal. */
  readonly deaf?: boolean;
  /** Thrown by every stream before its first batch. */
  readonly refusal?: Error;
}

export function testDomain(id: string, changes: Partial<Domain> = {}): Domain {
  return {
    id,
    label: id.toUpperCase(),
    parent: null,
    scope: `${id} only`,
    source: 'scripted',
    kind: 'mean',
    rank: 0,
    quantum_J: 0.001,
    rails: 1,
    minPower_W: 0,
    maxPower_W: 100,
    misalignment_s: 0.002,
    averaging_s: null,
    systematicRatio: null,
    ...changes,
  };
}

export function meanSample(
  domain: string,
  start_s: number,
  end_s: number,
  energy_J = end_s - start_s,
): Sample {
  return { domain, start_s, end_s, energy_J, kind: 'mean' };
}

export function batchOf(samples: readonly Sample[], changes: Partial<Batch> = {}): Batch {
  return { samples, observations: [], events: [], ...changes };
}

export function eventOf(code: RecordedEvent['code'], at_s: number): RecordedEvent {
  return { code, source: 'scripted', at_s, domain: null, detail: code };
}

/** A sampler that does what the test says, when it says so. */
export function scriptedSampler(id: string, options: ScriptedOptions = {}): ScriptedSampler {
  const domains = options.domains ?? [testDomain('cpu', { source: id })];
  const streams: ScriptedStream[] = [];
  const newest = (): ScriptedStream => {
    const stream = streams.at(-1);
    if (stream === undefined) throw new Error(`${id} has no stream yet`);
    return stream;
  };
  const push = (item: Batch | 'end' | Error): void => {
    newest().queue.push(item);
    newest().wake();
  };
  async function* read(stream: ScriptedStream): AsyncGenerator<Batch> {
    const { signal } = stream.options;
    if (!options.deaf) signal.addEventListener('abort', () => stream.wake(), { once: true });
    try {
      for (;;) {
        const item = stream.queue.shift();
        if (item instanceof Error) throw item;
        if (item === 'end') return;
        if (item !== undefined) yield item;
        else if (signal.aborted && !options.deaf) return;
        else
          await new Promise<void>((resolve) => {
            stream.wake = resolve;
          });
      }
    } finally {
      stream.isOpen = false;
    }
  }
  return {
    id,
    title: id,
    privilege: 'none',
    ...(options.finite === undefined ? {} : { finite: options.finite }),
    probe: async () => ({ state: 'ready', detail: 'scripted', remedy: null }),
    domains: () => domains,
    createParser: () => ({ push: () => [], end: () => [] }),
    stream: (streamOptions) => {
      const stream: ScriptedStream = {
        options: streamOptions,
        queue: [],
        wake: () => undefined,
        isOpen: true,
      };
      streams.push(stream);
      if (options.refusal !== undefined) stream.queue.push(options.refusal);
      return read(stream);
    },
    give: (batch) => push(batch),
    end: () => push('end'),
    fail: (error) => push(error),
    get opened() {
      return streams.length;
    },
    get open() {
      return streams.filter((stream) => stream.isOpen).length;
    },
  };
}
