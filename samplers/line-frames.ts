const LF = 0x0a;
const DEFAULT_LIMIT_B = 64 * 1024;
const BOM = 0xfeff;

/** A line without its end, or what stands for one that was too long to be kept. */
export type LineFrame = { readonly text: string } | { readonly dropped_B: number };

/**
 * Bytes in any chunking → whole lines, `\n` or `\r\n`; a line is there with its own last byte. Holds at most one line
 * of `limit_B`; a longer one is counted and dropped, whatever the chunking.
 */
export class LineFrames {
  readonly #limit_B: number;
  #parts: Uint8Array[] = [];
  #length_B = 0;
  #isFirst = true;

  constructor(limit_B: number = DEFAULT_LIMIT_B) {
    this.#limit_B = limit_B;
  }

  push(chunk: Uint8Array): LineFrame[] {
    const lines: LineFrame[] = [];
    let from = 0;
    for (let at = chunk.indexOf(LF); at >= 0; at = chunk.indexOf(LF, from)) {
      this.#keep(chunk.subarray(from, at));
      lines.push(this.#take());
      from = at + 1;
    }
    this.#keep(chunk.subarray(from));
    return lines;
  }

  /** At the end of the stream: a last line without its end, or null. */
  end(): LineFrame | null {
    return this.#length_B === 0 ? null : this.#take();
  }

  #keep(part: Uint8Array): void {
    if (part.length === 0) return;
    this.#length_B += part.length;
    // The chunk's owner may reuse its bytes, so what waits is a copy.
    if (this.#length_B <= this.#limit_B) this.#parts.push(Uint8Array.from(part));
    else this.#parts = [];
  }

  #take(): LineFrame {
    const parts = this.#parts;
    const length_B = this.#length_B;
    this.#parts = [];
    this.#length_B = 0;
    const isFirst = this.#isFirst;
    this.#isFirst = false;
    if (length_B > this.#limit_B) return { dropped_B: length_B };
    const text = Buffer.concat(parts).toString('utf8').replace(/\r+$/, '');
    return { text: isFirst && text.charCodeAt(0) === BOM ? text.slice(1) : text };
  }
}
