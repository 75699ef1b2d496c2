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
  #parts: Buffer[] = [];
  #length_B = 0;
  #isFirst = true;

  constructor(limit_B: number = DEFAULT_LIMIT_B) {
    this.#limit_B = limit_B;
  }

  push(chunk: Uint8Array): LineFrame[] {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    const lines: LineFrame[] = [];
    let from = 0;
    for (let at = bytes.indexOf(LF); at >= 0; at = bytes.indexOf(LF, from)) {
      lines.push(this.#complete(bytes, from, at));
      from = at + 1;
    }
    this.#keep(bytes.subarray(from));
    return lines;
  }

  /** At the end of the stream: a last line without its end, or null. */
  end(): LineFrame | null {
    return this.#length_B === 0 ? null : this.#take();
  }

  /** A line whose end is here. One that lies in this chunk alone, as nearly all do, is read where it lies. */
  #complete(bytes: Buffer, from: number, to: number): LineFrame {
    if (this.#length_B === 0 && to - from <= this.#limit_B)
      return this.#lineOf(bytes.toString('utf8', from, to));
    this.#keep(bytes.subarray(from, to));
    return this.#take();
  }

  #keep(part: Buffer): void {
    if (part.length === 0) return;
    this.#length_B += part.length;
    // The chunk's owner may reuse its bytes, so what waits is a copy.
    if (this.#length_B <= this.#limit_B) this.#parts.push(Buffer.from(part));
    else this.#parts = [];
  }

  #take(): LineFrame {
    const parts = this.#parts;
    const length_B = this.#length_B;
    this.#parts = [];
    this.#length_B = 0;
    if (length_B <= this.#limit_B) return this.#lineOf(Buffer.concat(parts).toString('utf8'));
    this.#isFirst = false;
    return { dropped_B: length_B };
  }

  #lineOf(whole: string): LineFrame {
    const text = whole.endsWith('\r') ? whole.replace(/\r+$/, '') : whole;
    const isMarked = this.#isFirst && text.charCodeAt(0) === BOM;
    this.#isFirst = false;
    return { text: isMarked ? text.slice(1) : text };
  }
}
