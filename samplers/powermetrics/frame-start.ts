import { asBuffer, ascii, LT, matchesAt, QUERY } from './bytes.ts';

const XML = ascii('xml');
const PLIST = '<plist';

/**
 * Where the document may begin in a piece that ends in `</plist>`, best guess first: its last `<?xml`, else its first
 * `<plist`; then its last `<plist`. What comes before was cut off, or is no frame.
 */
export function* frameStarts(piece: Uint8Array): Generator<number, void, undefined> {
  const native = asBuffer(piece);
  const base = native.lastIndexOf(0) + 1;
  const prolog = lastProlog(native, base);
  const first = prolog >= 0 ? prolog : native.indexOf(PLIST, base, 'latin1');
  if (first < 0) return;
  yield first;
  const last = native.lastIndexOf(PLIST, undefined, 'latin1');
  if (last > first) yield last;
}

/** Last `<?xml` at or after `base`, or -1. Searches for the rare `?`, not for the frequent `<`. */
function lastProlog(piece: Buffer, base: number): number {
  let at = piece.lastIndexOf(QUERY);
  while (at > base) {
    if (piece[at - 1] === LT && matchesAt(piece, at + 1, XML)) return at - 1;
    at = piece.lastIndexOf(QUERY, at - 1);
  }
  return -1;
}

/** Whether the bytes end within a comment or CDATA section: then their `</plist>` is only text. */
export function endsInsideMarkup(bytes: Uint8Array): boolean {
  const native = asBuffer(bytes);
  return isOpenAtEnd(native, '<!--', '-->') || isOpenAtEnd(native, '<![CDATA[', ']]>');
}

function isOpenAtEnd(bytes: Buffer, opening: string, closing: string): boolean {
  const opened = bytes.lastIndexOf(opening, undefined, 'latin1');
  return opened >= 0 && bytes.indexOf(closing, opened + opening.length, 'latin1') < 0;
}
