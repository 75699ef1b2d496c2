import { ascii } from './bytes.ts';

/** A frame of an Ultra with every sampler has about 65 kB; what is a hundred times that is none. */
const MAX_FRAME_B = 8 * 1024 * 1024;
const FIRST_CAPACITY_B = 128 * 1024;
const CLOSE = ascii('</plist>');

/**
 * Cuts a byte stream behind each `</plist>`, so a frame is there at its own last byte and not at the NUL that comes
 * with the next one. Keeps what is not yet closed, at most `MAX_FRAME_B`, in one buffer that is reused.
 *
 *   …\n\0<?xml … <plist> … </plist>\n\0<?xml … <plist> …
 *   ├────────── piece ────────────┤├──── rest ─────────
 */
export class FrameSplitter {
  #buffer: Buffer = Buffer.allocUnsafe(FIRST_CAPACITY_B);
  #start = 0;
  #end = 0;
  #searchFrom = 0;

  push(chunk: Uint8Array): void {
    this.#makeRoom(chunk.length);
    this.#buffer.set(chunk, this.#end);
    this.#end += chunk.length;
  }

  /**
   * The next piece that ends in `</plist>`, or null. `skip`: how many such ends to pass over, for one that stands in a
   * comment. The view is good until the next `push`.
   */
  peek(skip: number): Uint8Array | null {
    let from = this.#searchFrom;
    for (let passed = 0; ; passed++) {
      const at = this.#buffer.subarray(0, this.#end).indexOf(CLOSE, from);
      if (at < 0) {
        if (passed === 0) this.#searchFrom = Math.max(this.#start, this.#end - CLOSE.length + 1);
        return null;
      }
      from = at + CLOSE.length;
      if (passed === 0) this.#searchFrom = at;
      if (passed === skip) return this.#buffer.subarray(this.#start, from);
    }
  }

  /** Takes the first `length` bytes away. */
  consume(length: number): void {
    this.#start += length;
    this.#searchFrom = this.#start;
  }

  /** What is left, not closed. */
  rest(): Uint8Array {
    return this.#buffer.subarray(this.#start, this.#end);
  }

  /** Drops the rest if it is over the limit, but for bytes that may begin a closing tag; returns how many it dropped. */
  dropOversized(): number {
    const length = this.#end - this.#start;
    if (length <= MAX_FRAME_B) return 0;
    const drop = length - CLOSE.length + 1;
    this.consume(drop);
    return drop;
  }

  #makeRoom(length: number): void {
    const rest = this.#end - this.#start;
    if (this.#end + length <= this.#buffer.length) return;
    const target =
      rest + length <= this.#buffer.length ? this.#buffer : Buffer.allocUnsafe(2 * (rest + length));
    this.#buffer.copy(target, 0, this.#start, this.#end);
    this.#searchFrom -= this.#start;
    this.#buffer = target;
    this.#start = 0;
    this.#end = rest;
  }
}
