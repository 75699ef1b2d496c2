import { type LineFrame, LineFrames } from '../line-frames.ts';

/** A document of many boards has about 100 kB. */
const DOCUMENT_MOST_CHARS = 4 * 1024 * 1024;

export type AmdFrame =
  | { readonly sort: 'document'; readonly value: unknown }
  | { readonly sort: 'line'; readonly text: string }
  | { readonly sort: 'lost'; readonly detail: string };

/**
 * JSON documents among other lines: one begins where `{` or `[` is the first character of a line, and ends when its
 * brackets are closed. All other lines come as they are. A second beginning means that the first was cut off: the tools
 * indent what is inside. Any chunking gives the same frames.
 */
export class JsonFrames {
  readonly #lines = new LineFrames(DOCUMENT_MOST_CHARS);
  #held: string[] = [];
  #chars = 0;
  #depth = 0;

  push(chunk: Uint8Array): AmdFrame[] {
    return this.#lines.push(chunk).flatMap((line) => this.#take(line));
  }

  end(): AmdFrame[] {
    const last = this.#lines.end();
    return [...(last === null ? [] : this.#take(last)), ...this.#cutOff()];
  }

  #take(line: LineFrame): AmdFrame[] {
    if ('dropped_B' in line)
      return [...this.#cutOff(), { sort: 'lost', detail: `a line of ${line.dropped_B} bytes` }];
    const { text } = line;
    const begins = /^[[{]/.test(text);
    if (!begins && this.#held.length === 0) return text.trim() === '' ? [] : [{ sort: 'line', text }];
    const cut = begins ? this.#cutOff() : [];
    this.#held.push(text);
    this.#chars += text.length;
    this.#depth += bracketsOf(text);
    if (this.#depth <= 0) return [...cut, this.#document()];
    return this.#chars > DOCUMENT_MOST_CHARS ? [...cut, ...this.#cutOff()] : cut;
  }

  #document(): AmdFrame {
    const isLine = this.#held.length === 1;
    const text = this.#held.join('\n');
    this.#forget();
    try {
      return { sort: 'document', value: JSON.parse(text) };
    } catch {
      // `[WARNING] …` begins like a list.
      return isLine ? { sort: 'line', text } : { sort: 'lost', detail: `no JSON: ${text.slice(0, 60)}` };
    }
  }

  #cutOff(): AmdFrame[] {
    if (this.#held.length === 0) return [];
    const detail = `a document was cut off: ${this.#chars} characters lost`;
    this.#forget();
    return [{ sort: 'lost', detail }];
  }

  #forget(): void {
    this.#held = [];
    this.#chars = 0;
    this.#depth = 0;
  }
}

/** Opening less closing brackets outside of strings; a JSON string never spans lines. */
function bracketsOf(text: string): number {
  let depth = 0;
  let isString = false;
  for (let i = 0; i < text.length; i++) {
    const character = text[i];
    if (isString && character === '\\') i++;
    else if (character === '"') isString = !isString;
    else if (!isString && (character === '{' || character === '[')) depth++;
    else if (!isString && (character === '}' || character === ']')) depth--;
  }
  return depth;
}
