import { asBuffer } from './bytes.ts';

/** Most digits that a double holds exactly, so that one division by a power of ten rounds once, as parseFloat does. */
const EXACT_DIGITS = 15;
const POWERS_OF_TEN = Array.from({ length: EXACT_DIGITS + 1 }, (_, exponent) => 10 ** exponent);
/** A damaged numeral (`12x4`) is no number, although parseInt would take its beginning. */
const NUMERAL = /^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\s*$/;
const ZERO = 0x30;
const DOT = 0x2e;
const MINUS = 0x2d;

/**
 * Number in a range of bytes. Plain decimals are read in place; everything else (`nan`, exponents, 0x, blanks) goes to
 * parseInt or parseFloat, which is what the plist package uses. NaN where it is no numeral.
 */
export function numberBetween(bytes: Uint8Array, start: number, end: number, isInteger: boolean): number {
  const isNegative = bytes[start] === MINUS;
  let at = isNegative ? start + 1 : start;
  let digits = 0;
  let decimals = -1;
  let value = 0;
  for (; at < end; at++) {
    const digit = (bytes[at] ?? 0) - ZERO;
    if (digit >= 0 && digit <= 9) {
      value = value * 10 + digit;
      digits++;
      if (decimals >= 0) decimals++;
    } else if (bytes[at] === DOT && decimals < 0 && !isInteger) decimals = 0;
    else return slowNumber(bytes, start, end, isInteger);
  }
  if (digits === 0 || digits > EXACT_DIGITS) return slowNumber(bytes, start, end, isInteger);
  const magnitude = decimals > 0 ? value / (POWERS_OF_TEN[decimals] ?? 1) : value;
  return isNegative ? -magnitude : magnitude;
}

function slowNumber(bytes: Uint8Array, start: number, end: number, isInteger: boolean): number {
  const text = textBetween(bytes, start, end);
  if (!NUMERAL.test(text)) return Number.NaN;
  return isInteger ? Number.parseInt(text, 10) : Number.parseFloat(text);
}

/** UTF-8 text in a range of bytes. */
export function textBetween(bytes: Uint8Array, start: number, end: number): string {
  return asBuffer(bytes).toString('utf8', start, end);
}
