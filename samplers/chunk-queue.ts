import type { Readable } from 'node:stream';
import type { Clock } from '../src/core/clock.ts';
import type { Seconds } from '../src/core/units.ts';

/** Bytes as they came, stamped when they arrived, not when somebody had time to read them. */
export interface Chunk {
  readonly chunk: Uint8Array;
  readonly arrival_s: Seconds;
}

/** Above this the source is asked to wait; a reader that keeps up never gets near. */
const FULL_B = 4 * 1024 * 1024;

/** From events to one reader: an async iterable that ends after what was queued has been read. */
export class ChunkQueue implements AsyncIterable<Chunk> {
  readonly #chunks: Chunk[] = [];
  #queued_B = 0;
  #ended = false;
  #wake: () => void = () => undefined;
  #resume: () => void = () => undefined;

  /** True: the source should pause until `resume`, given here, is called. */
  push(chunk: Chunk, resume: () => void): boolean {
    if (this.#ended) return false;
    this.#chunks.push(chunk);
    this.#queued_B += chunk.chunk.length;
    this.#wake();
    if (this.#queued_B < FULL_B) return false;
    this.#resume = resume;
    return true;
  }

  /** What is queued is still read; `discard` drops it. */
  end(discard = false): void {
    this.#ended = true;
    if (discard) this.#chunks.length = 0;
    this.#resume();
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Chunk, void, undefined> {
    for (;;) {
      const chunk = this.#chunks.shift();
      if (chunk !== undefined) {
        this.#queued_B -= chunk.chunk.length;
        if (this.#queued_B < FULL_B) this.#resume();
        yield chunk;
      } else if (this.#ended) return;
      else await this.#waiting();
    }
  }

  #waiting(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}

/** Feeds a queue from a byte stream at the reader's pace; the queue ends when the stream closes. */
export function feedQueue(queue: ChunkQueue, stream: Readable, clock: Clock): void {
  stream.on('data', (chunk: Uint8Array) => {
    if (queue.push({ chunk, arrival_s: clock.now_s() }, () => stream.resume())) stream.pause();
  });
  // `close` follows both the end and an error; the exit status tells which.
  stream.on('error', () => queue.end());
  stream.on('close', () => queue.end());
}
