import { asBuffer, isBlank } from './bytes.ts';

export interface StrayText {
  /** `chatter`: a line that the tool is known to write among its frames; nothing was lost. */
  readonly sort: 'chatter' | 'garbage';
  readonly detail: string;
}

const ROOT = '<plist';
const EXCERPT_B = 60;
const CHATTER_LIMIT_B = 1024;
/** Source: power-sources.md 2.3, lines met in the Green Metrics Tool ('occured' is theirs). */
const CHATTER = /^(?:\w+ underflow occurr?ed\.?|.*\bproc_pid\w*\b.*)$/i;

/** What stands before, between or behind frames; null where it is only white space and NUL. */
export function strayText(bytes: Uint8Array): StrayText | null {
  let start = 0;
  let end = bytes.length;
  while (start < end && isBlank(bytes[start] ?? 0)) start++;
  while (end > start && isBlank(bytes[end - 1] ?? 0)) end--;
  if (start === end) return null;
  const native = asBuffer(bytes).subarray(start, end);
  const frames = rootsIn(native);
  if (frames > 0)
    return { sort: 'garbage', detail: `${frames} frame(s) cut off: ${native.length} bytes lost` };
  const detail = excerpt(native);
  if (isChatter(native)) return { sort: 'chatter', detail };
  return { sort: 'garbage', detail: `${native.length} bytes between frames: ${detail}` };
}

/** How many documents begin in these bytes. */
export function rootsIn(bytes: Uint8Array): number {
  const native = asBuffer(bytes);
  let count = 0;
  for (let at = native.indexOf(ROOT); at >= 0; at = native.indexOf(ROOT, at + ROOT.length)) count++;
  return count;
}

function isChatter(native: Buffer): boolean {
  if (native.length > CHATTER_LIMIT_B) return false;
  const lines = native.toString('latin1').split(/[\r\n\0]+/);
  return lines.every((line) => line.trim() === '' || CHATTER.test(line.trim()));
}

/** The first characters, printable ones only, for people. */
function excerpt(native: Buffer): string {
  const text = native.toString('latin1', 0, EXCERPT_B);
  return text.replace(/[^\x20-\x7e]+/g, ' ').trim();
}
