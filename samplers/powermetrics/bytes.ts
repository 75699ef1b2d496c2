export const LT = 0x3c;
export const GT = 0x3e;
export const SLASH = 0x2f;
export const BANG = 0x21;
export const QUERY = 0x3f;
export const AMP = 0x26;

/** ASCII text as bytes, for comparing in place. */
export function ascii(text: string): Uint8Array {
  return Buffer.from(text, 'latin1');
}

/** White space of XML, NUL (powermetrics' separator) and the three bytes of a byte order mark. */
export function isBlank(byte: number): boolean {
  return byte <= 0x20
    ? byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09 || byte === 0
    : isBom(byte);
}

function isBom(byte: number): boolean {
  return byte === 0xef || byte === 0xbb || byte === 0xbf;
}

/** True where `bytes` holds `word` at `at`; past the end it is false. */
export function matchesAt(bytes: Uint8Array, at: number, word: Uint8Array): boolean {
  for (let i = 0; i < word.length; i++) if (bytes[at + i] !== word[i]) return false;
  return true;
}

/** A view as a Buffer, for its native searches; shares memory. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
