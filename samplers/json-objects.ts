const BRACE_OPEN = 0x7b;
const BRACE_CLOSE = 0x7d;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const LIMIT_B = 1024 * 1024;
const EXCERPT_B = 200;

/** A whole object's text, or the bytes that stood where none was. */
export type ObjectFrame = { readonly text: string } | { readonly stray: string };

/**
 * Bytes in any chunking → the outermost JSON objects in them, each with its own last brace. Brackets, commas and blanks
 * between objects mean nothing: tools print arrays without commas, without an end, or with one comma too many.
 */
export class JsonObjects {
  /** What earlier chunks hold of the object that is under way. */
  #parts: Buffer[] = [];
  #kept_B = 0;
  #depth = 0;
  #isText = false;
  #isEscaped = false;
  #stray = '';

  push(chunk: Uint8Array): ObjectFrame[] {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    const frames: ObjectFrame[] = [];
    let from = 0;
    for (let at = 0; at < bytes.length; at++) {
      const byte = bytes[at] ?? 0;
      if (this.#depth === 0 && byte !== BRACE_OPEN) {
        this.#passOver(byte);
        continue;
      }
      if (this.#depth === 0) {
        frames.push(...this.#takeStray());
        from = at;
      }
      this.#count(byte);
      if (this.#depth === 0) frames.push(this.#take(bytes.subarray(from, at + 1)));
      else if (this.#kept_B + at + 1 - from > LIMIT_B) {
        this.#keep(bytes.subarray(from, at + 1));
        frames.push(this.#giveUp());
      }
    }
    if (this.#depth > 0) this.#keep(bytes.subarray(from));
    return frames;
  }

  /** At the end of the stream: an object that was cut off, or stray text. */
  end(): ObjectFrame[] {
    const rest = this.#takeStray();
    return this.#kept_B === 0 ? rest : [...rest, this.#giveUp()];
  }

  /** A copy: the chunk's owner may reuse its bytes. */
  #keep(part: Buffer): void {
    this.#parts.push(Buffer.from(part));
    this.#kept_B += part.length;
  }

  #passOver(byte: number): void {
    const character = String.fromCharCode(byte);
    if (/[\s,[\]]/.test(character)) {
      if (this.#stray !== '') this.#stray += ' ';
    } else if (this.#stray.length < LIMIT_B) this.#stray += character;
  }

  #takeStray(): ObjectFrame[] {
    const stray = this.#stray.trim();
    this.#stray = '';
    return stray === '' ? [] : [{ stray }];
  }

  #count(byte: number): void {
    if (this.#isText) {
      if (this.#isEscaped) this.#isEscaped = false;
      else if (byte === BACKSLASH) this.#isEscaped = true;
      else if (byte === QUOTE) this.#isText = false;
    } else if (byte === QUOTE) this.#isText = true;
    else if (byte === BRACE_OPEN) this.#depth++;
    else if (byte === BRACE_CLOSE) this.#depth--;
  }

  #take(last: Buffer): ObjectFrame {
    const text =
      this.#kept_B === 0 ? last.toString('utf8') : Buffer.concat([...this.#parts, last]).toString('utf8');
    this.#forget();
    return { text };
  }

  #giveUp(): ObjectFrame {
    const stray = Buffer.concat(this.#parts).toString('utf8', 0, EXCERPT_B);
    this.#forget();
    this.#depth = 0;
    this.#isText = false;
    this.#isEscaped = false;
    return { stray };
  }

  #forget(): void {
    this.#parts = [];
    this.#kept_B = 0;
  }
}
