/**
 * Columns that text takes on a terminal: 2 for wide East Asian characters and emoji, 0 for marks that sit on the letter
 * before them, else 1. Source: Unicode UAX #11, ranges of East_Asian_Width W and F, written out coarsely.
 */
export function displayWidth(text: string): number {
  if (isPlain(text)) return text.length;
  return clustersOf(text).reduce((sum, cluster) => sum + clusterWidth(cluster), 0);
}

/** The beginning of `text` that takes at most `width` columns; what was cut off ends in `…`. */
export function cutToWidth(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  let kept = '';
  let room = width - 1;
  for (const cluster of clustersOf(text)) {
    room -= clusterWidth(cluster);
    if (room < 0) break;
    kept += cluster;
  }
  return width < 1 ? '' : `${kept}…`;
}

const SEGMENTER = new Intl.Segmenter('en', { granularity: 'grapheme' });
const WIDE =
  /^[\u1100-\u115f\u231a\u231b\u2329\u232a\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{1f1e6}-\u{1f1ff}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}|^\p{Emoji}\ufe0f/u;
const MARK_ONLY = /^[\p{Mn}\p{Me}\p{Cf}]+$/u;

function isPlain(text: string): boolean {
  return /^[\u0020-\u007e]*$/.test(text);
}

/** What a reader takes for one character. */
function clustersOf(text: string): string[] {
  return Array.from(SEGMENTER.segment(text), ({ segment }) => segment);
}

function clusterWidth(cluster: string): number {
  if (MARK_ONLY.test(cluster)) return 0;
  return WIDE.test(cluster) ? 2 : 1;
}
