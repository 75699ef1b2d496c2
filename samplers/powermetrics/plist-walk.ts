import { ascii, matchesAt } from './bytes.ts';
import { numberBetween, textBetween } from './plain-values.ts';
import type { XmlCursor } from './xml-cursor.ts';
import { PlistTrouble } from './xml-cursor.ts';

export type Take<T> = (cursor: XmlCursor, into: T) => void;

/** What to do with a key of one particular dictionary; every other key's value is skipped unparsed. */
export interface Key<T> {
  readonly bytes: Uint8Array;
  readonly take: Take<T>;
}

export function key<T>(name: string, take: Take<T>): Key<T> {
  return { bytes: ascii(name), take };
}

/** Reads the dictionary just opened, or empty, to its end. The last of duplicate keys wins, as in the plist package. */
export function readDict<T>(cursor: XmlCursor, keys: readonly Key<T>[], into: T): void {
  if (cursor.shape === 'empty') return;
  for (;;) {
    cursor.next();
    if (cursor.isClose('dict')) return;
    if (!cursor.isOpen('key')) throw new PlistTrouble('odd');
    const take = takeOfKey(cursor, keys);
    cursor.next();
    if (cursor.shape === 'close' || cursor.name === 'key' || cursor.name === 'plist') {
      throw new PlistTrouble('odd');
    }
    if (take === null) cursor.skipElement();
    else take(cursor, into);
  }
}

function takeOfKey<T>(cursor: XmlCursor, keys: readonly Key<T>[]): Take<T> | null {
  cursor.readText();
  const length = cursor.textEnd - cursor.textStart;
  for (const entry of keys) {
    if (entry.bytes.length === length && matchesAt(cursor.bytes, cursor.textStart, entry.bytes)) {
      return entry.take;
    }
  }
  return null;
}

/** Value of an `integer` or `real`, whichever is written; null where it is another thing or not finite. */
export function readNumber(cursor: XmlCursor): number | null {
  const isInteger = cursor.name === 'integer';
  if (!isInteger && cursor.name !== 'real') return readNothing(cursor);
  cursor.readText();
  const value = numberBetween(cursor.bytes, cursor.textStart, cursor.textEnd, isInteger);
  return Number.isFinite(value) ? value : null;
}

export function readString(cursor: XmlCursor): string | null {
  if (cursor.name !== 'string') return readNothing(cursor);
  cursor.readText();
  return textBetween(cursor.bytes, cursor.textStart, cursor.textEnd);
}

export function readBoolean(cursor: XmlCursor): boolean | null {
  const value = cursor.name === 'true' ? true : cursor.name === 'false' ? false : null;
  cursor.skipElement();
  return value;
}

function readNothing(cursor: XmlCursor): null {
  cursor.skipElement();
  return null;
}

/** True inside an array that has elements; anything else is passed over. */
export function enterArray(cursor: XmlCursor): boolean {
  if (cursor.isOpen('array')) return true;
  cursor.skipElement();
  return false;
}

/** Moves behind the next `<dict>` or `<dict/>` of the array entered; false once the array is passed. */
export function nextDict(cursor: XmlCursor): boolean {
  for (;;) {
    cursor.next();
    if (cursor.isClose('array')) return false;
    if (cursor.shape === 'close') throw new PlistTrouble('odd');
    if (cursor.name === 'dict') return true;
    cursor.skipElement();
  }
}
