import type { Clock } from '../src/core/clock.ts';
import type { Batch, Domain } from '../src/core/sample.ts';
import type { Seconds } from '../src/core/units.ts';

/** Answer of a probe: never a throw, within two seconds. `remedy` says what to type when the source cannot be read. */
export interface Probe {
  readonly state: 'ready' | 'needs-permission' | 'absent' | 'broken';
  readonly detail: string;
  readonly remedy: string | null;
}

export interface StreamOptions {
  readonly interval_ms: number;
  /** Ends the stream and the meter behind it; the iterator then returns, it does not throw. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
}

/** Pure: recorded bytes in any chunking → batches. What `replay` and the tests drive. */
export interface Parser {
  /** `arrival_s`: when the chunk was read; a frame's arrival is that of the chunk which completed it. */
  push(chunk: Uint8Array, arrival_s: Seconds): Batch[];
  /** At the end of the stream: what is left, and an event for what was cut off. */
  end(arrival_s: Seconds): Batch[];
}

/** A power source: one object, one file or folder, one line in `index.ts`. */
export interface Sampler {
  readonly id: string;
  readonly title: string;
  readonly privilege: 'none' | 'root' | 'group';
  /** True: the source has an end of its own (a replay), so its stream is never restarted. */
  readonly finite?: boolean;
  /** True: its start may ask somebody for a password, which takes as long as it takes. */
  readonly mayAsk?: boolean;
  probe(): Promise<Probe>;
  /** What this machine's source gives, where a look without starting it can tell; else `domains`. Never throws. */
  survey?(): Promise<readonly Domain[]>;
  /** What the source can give, before it is asked; a stream announces its own in the first batch. */
  domains(): readonly Domain[];
  /** @throws {LmpowerError} SAMPLER_UNAVAILABLE, SAMPLER_NOT_PERMITTED, before the first reading; a later death is an event. */
  stream(options: StreamOptions): AsyncIterable<Batch>;
  createParser(): Parser;
}
