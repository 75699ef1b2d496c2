import { LmpowerError } from '../core/errors.ts';

export type JsonPath = readonly (string | number)[];

const TOKEN =
  /[ \t\r\n]*(?:(?<punctuation>[{}[\],:])|(?<text>"[^"\\]*(?:\\(?:["\\/bfnrt]|u[\dA-Fa-f]{4})[^"\\]*)*")|(?<plain>-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null))/y;

/** Deeper than any workload; the reader below calls itself for each level. */
const DEEPEST = 64;

/**
 * Line (from 1) on which the value at `path` begins; for a key that is missing, the line of its parent.
 * For text that is not JSON: the line where it stops being JSON. `JSON.parse` says neither.
 */
export function lineOf(text: string, path: JsonPath): number {
  const places = new Map<string, number>();
  const fault = scan(text, places);
  if (fault !== null) return lineAt(text, fault);
  for (let depth = path.length; depth > 0; depth--) {
    const offset = places.get(keyOf(path.slice(0, depth)));
    if (offset !== undefined) return lineAt(text, offset);
  }
  return lineAt(text, places.get(keyOf([])) ?? 0);
}

/** The first key that an object says again, on the line where it does so; null: each is said once, or this is not JSON. */
export function repeatedKey(text: string): { readonly path: JsonPath; readonly line: number } | null {
  const reader = new TokenReader(text);
  try {
    readValue(reader, [], new Map());
  } catch (error) {
    if (!(error instanceof NotJson)) throw error;
  }
  const [first] = reader.repeated;
  return first === undefined ? null : { path: first.path, line: lineAt(text, first.offset) };
}

/** Notes where each value begins; returns the offset of the first thing that is not JSON, or null. */
function scan(text: string, places: Map<string, number>): number | null {
  const reader = new TokenReader(text);
  try {
    readValue(reader, [], places);
    reader.end();
    return null;
  } catch (error) {
    if (error instanceof NotJson) return error.offset;
    throw error;
  }
}

class NotJson extends Error {
  readonly offset: number;

  constructor(offset: number) {
    super(`not JSON at ${offset}`);
    this.offset = offset;
  }
}

class TokenReader {
  private readonly text: string;
  private offset = 0;
  /** Keys that their object had already. */
  readonly repeated: { readonly path: JsonPath; readonly offset: number }[] = [];

  constructor(text: string) {
    this.text = text;
  }

  /** The next token and where it starts, without taking it. */
  peek(): { readonly token: string; readonly start: number; readonly end: number } {
    TOKEN.lastIndex = this.offset;
    const found = TOKEN.exec(this.text);
    const token = found?.groups?.['punctuation'] ?? found?.groups?.['text'] ?? found?.groups?.['plain'];
    if (token === undefined || hasControls(token)) throw new NotJson(this.nextInk());
    return { token, start: TOKEN.lastIndex - token.length, end: TOKEN.lastIndex };
  }

  take(...expected: readonly string[]): { readonly token: string; readonly start: number } {
    const { token, start, end } = this.peek();
    if (expected.length > 0 && !expected.includes(token)) throw new NotJson(start);
    this.offset = end;
    return { token, start };
  }

  end(): void {
    if (this.nextInk() < this.text.length) throw new NotJson(this.nextInk());
  }

  private nextInk(): number {
    const ink = /[^ \t\r\n]/g;
    ink.lastIndex = this.offset;
    return ink.exec(this.text)?.index ?? this.text.length;
  }
}

function readValue(reader: TokenReader, path: JsonPath, places: Map<string, number>): void {
  const { token, start } = reader.take();
  if ('}],:'.includes(token) || path.length > DEEPEST) throw new NotJson(start);
  places.set(keyOf(path), start);
  if (token === '{') readMembers(reader, path, places);
  if (token === '[') readElements(reader, path, places);
}

function readMembers(reader: TokenReader, path: JsonPath, places: Map<string, number>): void {
  if (reader.peek().token === '}') {
    reader.take();
    return;
  }
  do {
    const { token, start } = reader.take();
    if (!token.startsWith('"')) throw new NotJson(start);
    reader.take(':');
    const member = [...path, textOf(token)];
    if (places.has(keyOf(member))) reader.repeated.push({ path: member, offset: start });
    readValue(reader, member, places);
  } while (reader.take(',', '}').token === ',');
}

function readElements(reader: TokenReader, path: JsonPath, places: Map<string, number>): void {
  if (reader.peek().token === ']') {
    reader.take();
    return;
  }
  let index = 0;
  do readValue(reader, [...path, index++], places);
  while (reader.take(',', ']').token === ',');
}

/** JSON forbids line breaks and other control characters inside a text. */
function hasControls(token: string): boolean {
  for (let i = 0; i < token.length; i++) if (token.charCodeAt(i) < 0x20) return true;
  return false;
}

function textOf(token: string): string {
  const text: unknown = JSON.parse(token);
  if (typeof text !== 'string') throw new LmpowerError('BUG', `${token} is no JSON text`);
  return text;
}

function keyOf(path: JsonPath): string {
  return JSON.stringify(path);
}

function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}
