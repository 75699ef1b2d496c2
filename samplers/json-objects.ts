const BRACE_OPEN = 0x7b;
const BRACE_CLOSE = 0x7d;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const LIMIT_B = 1024 * 1024;

/** A whole object's text, or the bytes that stood where none was. */
export type ObjectFrame = { readonly text: string } | { readonly stray: string };

/**
 * Bytes in any chunking → the outermost JSON objects in them, each with its own last brace. Brackets, commas and blanks
 * between objects mean nothing: tools print arrays without commas, without an end, or with one comma too many.
 */
export class JsonObjects {
  #kept: number[] = [];
  #depth = 0;
  #isText = false;
  #isEscaped = false;
  #stray = '';

  push(chunk: Uint8Array): ObjectFrame[] {
    const frames: ObjectFrame[] = [];
    for (const byte of chunk) {
      if (this.#depth === 0 && byte !== BRACE_OPEN) {
        this.#passOver(byte);
        continue;
      }
      if (this.#depth === 0) frames.push(...this.#takeStray());
      this.#kept.push(byte);
      this.#count(byte);
      if (this.#depth === 0) frames.push(this.#take());
      else if (this.#kept.length > LIMIT_B) frames.push(this.#giveUp());
    }
    return frames;
  }

  /** At the end of the stream: an object that was cut off, or stray text. */
  end(): ObjectFrame[] {
    const rest = this.#takeStray();
    return this.#kept.length === 0 ? rest : [...rest, this.#giveUp()];
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

  #take(): ObjectFrame {
    const text = Buffer.from(this.#kept).toString('utf8');
    this.#kept = [];
    return { text };
  }

  #giveUp(): ObjectFrame {
    const stray = Buffer.from(this.#kept.slice(0, 200)).toString('utf8');
    this.#kept = [];
    this.#depth = 0;
    this.#isText = false;
    this.#isEscaped = false;
    return { stray };
  }
}
