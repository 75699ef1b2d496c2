import { textBetween } from './plain-values.ts';
import type { TagName } from './xml-cursor.ts';
import { PlistTrouble, XmlCursor } from './xml-cursor.ts';

const ATTRIBUTES = /^<plist(?:\s+version\s*=\s*"[^"<&]*")?\s*>$|^<\/?[a-z]+\s*\/?>$/;
const HIDDEN = /<!--[\s\S]*?-->|<!\[CDATA\[[\s\S]*?\]\]>|<\?[\s\S]*?\?>/g;
const BARE_AMPERSAND = /&(?!(?:lt|gt|amp|quot|apos|#\d{1,7}|#x[\dA-Fa-f]{1,6});)/;

/**
 * Whether tags balance and entities are known, so that the XML library behind the plist package has nothing to complain
 * of: it writes complaints to standard error, in the middle of a run. The frame begins and ends with its root.
 */
export function isWellFormed(frame: Uint8Array): boolean {
  const cursor = new XmlCursor(frame);
  const open: TagName[] = [];
  try {
    do {
      const from = cursor.position;
      cursor.next();
      if (!isText(frame, from, cursor.tagStart)) return false;
      if (!ATTRIBUTES.test(textBetween(frame, cursor.tagStart, cursor.position))) return false;
      if (cursor.shape === 'open') open.push(cursor.name);
      else if (cursor.shape === 'close' && open.pop() !== cursor.name) return false;
    } while (open.length > 0);
    return cursor.position === frame.length;
  } catch (thrown) {
    if (thrown instanceof PlistTrouble) return false;
    throw thrown;
  }
}

function isText(frame: Uint8Array, from: number, to: number): boolean {
  const text = textBetween(frame, from, to);
  return !text.includes('&') || !BARE_AMPERSAND.test(text.replace(HIDDEN, ''));
}
