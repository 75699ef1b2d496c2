import { AMP, asBuffer, ascii, BANG, GT, LT, matchesAt, QUERY, SLASH } from './bytes.ts';

/** Thrown inside the hot parser only: `odd` documents go to the plist package, `cut` ones end too early. */
export class PlistTrouble extends Error {
  readonly sort: 'odd' | 'cut';

  constructor(sort: 'odd' | 'cut') {
    super(sort);
    this.sort = sort;
  }
}

const NAMES = [
  'dict',
  'array',
  'key',
  'string',
  'integer',
  'real',
  'true',
  'false',
  'date',
  'data',
  'plist',
] as const;
export type TagName = (typeof NAMES)[number];
const NAME_BYTES: readonly { readonly name: TagName; readonly bytes: Uint8Array }[] = NAMES.map((name) => ({
  name,
  bytes: ascii(name),
}));
const NAMES_BY_LENGTH = [0, 1, 2, 3, 4, 5, 6, 7].map((length) =>
  NAME_BYTES.filter((entry) => entry.bytes.length === length),
);
const NO_NAMES: typeof NAME_BYTES = [];
const NAMES_BY_BYTES = new Map(NAME_BYTES.map((entry) => [entry.name, entry.bytes]));
const CONTAINERS = { dict: ascii('dict>'), array: ascii('array>') } as const;
const SKIPS = { dict: skipTable(CONTAINERS.dict), array: skipTable(CONTAINERS.array) } as const;

/**
 * Walks the tags of one property list in place, without building anything. Comments, processing instructions and text
 * between tags are passed over; a container is skipped by counting only its own tags, with Horspool's search.
 */
export class XmlCursor {
  readonly bytes: Uint8Array;
  private readonly native: Buffer;
  private readonly end: number;
  position = 0;
  /** The `<` of the tag last read. */
  tagStart = 0;
  textStart = 0;
  textEnd = 0;
  name: TagName = 'plist';
  shape: 'open' | 'close' | 'empty' = 'open';
  /** Where the next `!` or `?` lies: between two of them no comment, CDATA or instruction can hide a tag. */
  private nextMark = -1;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.native = asBuffer(bytes);
    this.end = bytes.length;
  }

  /** Moves behind the next tag. @throws {PlistTrouble} */
  next(): void {
    for (;;) {
      this.passText();
      const after = this.bytes[this.position + 1];
      if (after === BANG) this.passDeclaration();
      else if (after === QUERY) this.passUntil(INSTRUCTION_END, 2);
      else {
        this.readTag();
        return;
      }
    }
  }

  isOpen(name: TagName): boolean {
    return this.shape === 'open' && this.name === name;
  }

  isClose(name: TagName): boolean {
    return this.shape === 'close' && this.name === name;
  }

  /** Moves behind the next tag, which must be this one. */
  expectOpen(name: TagName): void {
    this.next();
    if (!this.isOpen(name)) throw new PlistTrouble('odd');
  }

  expectClose(name: TagName): void {
    this.next();
    if (!this.isClose(name)) throw new PlistTrouble('odd');
  }

  /** Text of the element just opened becomes [textStart, textEnd); moves behind its closing tag. */
  readText(): void {
    this.textStart = this.position;
    this.textEnd = this.position;
    if (this.shape === 'empty') return;
    const name = this.name;
    this.passPlainText();
    this.textEnd = this.position;
    this.requireClose(name);
  }

  /** Passes over the element whose opening tag was just read. */
  skipElement(): void {
    if (this.shape === 'empty') return;
    if (this.name === 'dict' || this.name === 'array') this.skipContainer(this.name);
    else {
      const name = this.name;
      this.passText();
      const after = this.bytes[this.position + 1];
      if (after === BANG || after === QUERY) this.skipTagByTag();
      else this.requireClose(name);
    }
  }

  /** Moves to the next `<`. */
  private passText(): void {
    const bytes = this.bytes;
    const end = this.end;
    let at = this.position;
    while (at < end && bytes[at] !== LT) at++;
    if (at >= end) throw new PlistTrouble('cut');
    this.position = at;
  }

  /** The same, through text without entities. */
  private passPlainText(): void {
    const bytes = this.bytes;
    const end = this.end;
    let at = this.position;
    while (at < end && bytes[at] !== LT) {
      if (bytes[at] === AMP) throw new PlistTrouble('odd');
      at++;
    }
    if (at >= end) throw new PlistTrouble('cut');
    this.position = at;
  }

  private requireClose(name: TagName): void {
    const bytes = NAMES_BY_BYTES.get(name);
    if (this.position >= this.end || bytes === undefined) throw new PlistTrouble('cut');
    const after = this.position + 2 + bytes.length;
    const closes = this.bytes[this.position + 1] === SLASH && matchesAt(this.bytes, this.position + 2, bytes);
    if (!closes || this.bytes[after] !== GT) throw new PlistTrouble('odd');
    this.position = after + 1;
  }

  private readTag(): void {
    const bytes = this.bytes;
    this.tagStart = this.position;
    let at = this.position + 1;
    const closing = bytes[at] === SLASH;
    if (closing) at++;
    const start = at;
    while (isNameByte(bytes[at])) at++;
    this.name = this.nameBetween(start, at);
    if (bytes[at] !== GT) at = this.tagEnd(at);
    this.shape = closing ? 'close' : bytes[at - 1] === SLASH ? 'empty' : 'open';
    this.position = at + 1;
  }

  /** Position of the `>` that ends a tag; a quoted `>` is unheard of in a property list and thus odd. */
  private tagEnd(from: number): number {
    let at = from;
    while (at < this.end && this.bytes[at] !== GT) {
      if (this.bytes[at] === LT) throw new PlistTrouble('odd');
      at++;
    }
    if (at >= this.end) throw new PlistTrouble('cut');
    return at;
  }

  private nameBetween(start: number, end: number): TagName {
    for (const candidate of NAMES_BY_LENGTH[end - start] ?? NO_NAMES) {
      if (matchesAt(this.bytes, start, candidate.bytes)) return candidate.name;
    }
    throw new PlistTrouble(end >= this.end ? 'cut' : 'odd');
  }

  private passDeclaration(): void {
    if (matchesAt(this.bytes, this.position, COMMENT)) this.passUntil(COMMENT_END, COMMENT.length);
    else if (matchesAt(this.bytes, this.position, CDATA)) this.passUntil(CDATA_END, CDATA.length);
    else this.passDoctype();
  }

  /** One without an internal subset, as Apple's is. */
  private passDoctype(): void {
    const bytes = this.bytes;
    const end = this.end;
    let at = this.position;
    while (at < end && bytes[at] !== GT) {
      if (bytes[at] === BRACKET) throw new PlistTrouble('odd');
      at++;
    }
    if (at >= end) throw new PlistTrouble('cut');
    this.position = at + 1;
  }

  private passUntil(ending: Uint8Array, lead: number): void {
    const bytes = this.bytes;
    const end = this.end;
    const first = ending[0];
    let at = this.position + lead;
    while (at < end && !(bytes[at] === first && matchesAt(bytes, at, ending))) at++;
    if (at >= end) throw new PlistTrouble('cut');
    this.position = at + ending.length;
  }

  private skipContainer(name: 'dict' | 'array'): void {
    const from = this.position;
    const after = this.countedEnd(name);
    if (this.markBefore(from, after < 0 ? this.end : after)) this.skipTagByTag();
    else if (after < 0) throw new PlistTrouble('cut');
    else this.position = after;
  }

  /** End of the container if nothing in it only looks like a tag; -1 where the bytes end first. */
  private countedEnd(name: 'dict' | 'array'): number {
    const word = CONTAINERS[name];
    let depth = 1;
    let at = this.position;
    while (depth > 0) {
      at = findWord(this.bytes, word, SKIPS[name], at);
      if (at < 0) return -1;
      const before = this.bytes[at - 1];
      if (before === LT) depth++;
      else if (before === SLASH && this.bytes[at - 2] === LT) depth--;
      at += word.length;
    }
    return at;
  }

  private markBefore(from: number, to: number): boolean {
    if (this.nextMark < from) {
      const bang = this.native.indexOf(BANG, from);
      const query = this.native.indexOf(QUERY, from);
      this.nextMark = Math.min(bang < 0 ? this.end : bang, query < 0 ? this.end : query);
    }
    return this.nextMark < to;
  }

  private skipTagByTag(): void {
    for (let depth = 1; depth > 0; ) {
      this.next();
      if (this.shape === 'open') depth++;
      else if (this.shape === 'close') depth--;
    }
  }
}

const COMMENT = ascii('<!--');
const COMMENT_END = ascii('-->');
const CDATA = ascii('<![CDATA[');
const CDATA_END = ascii(']]>');
const INSTRUCTION_END = ascii('?>');
const BRACKET = 0x5b;

function isNameByte(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x61 && byte <= 0x7a;
}

function skipTable(word: Uint8Array): Uint8Array {
  const table = new Uint8Array(256).fill(word.length);
  for (let i = 0; i < word.length - 1; i++) table[word[i] ?? 0] = word.length - 1 - i;
  return table;
}

/** Position of `word` at or after `from`, or -1. Source: Horspool 1980. */
function findWord(bytes: Uint8Array, word: Uint8Array, skips: Uint8Array, from: number): number {
  const last = word.length - 1;
  const beforeLast = word[last - 1];
  let at = from + last;
  while (at < bytes.length) {
    const byte = bytes[at] ?? 0;
    if (byte === GT && bytes[at - 1] === beforeLast && matchesAt(bytes, at - last, word)) return at - last;
    at += skips[byte] ?? 1;
  }
  return -1;
}
