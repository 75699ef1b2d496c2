import type { VegaLiteSpec } from './report.ts';
import { HUES, MUTED, THEME_CONFIG } from './theme.ts';

/** Width of a chart with its axes, before a page fits it to its own. */
export const WIDTH_PX = 720;

const AXIS_PX = 60;
/** Legends: a symbol with its gaps, a letter of 11 px, and the limit that the theme sets to a label. */
const SYMBOL_PX = 30;
const LETTER_PX = 6.4;
const LABEL_MOST_PX = 260;
const COLUMNS_MOST = 3;

export interface Drawing {
  /** Each data set once, however many layers draw from it. */
  readonly datasets: Readonly<Record<string, readonly object[]>>;
  readonly height: number | { readonly step: number };
  readonly layer: readonly object[];
  readonly [key: string]: unknown;
}

/** One layered chart that can be fitted to any width. */
export function drawing(parts: Drawing): VegaLiteSpec {
  return {
    config: THEME_CONFIG,
    width: WIDTH_PX,
    autosize: { type: 'fit-x', contains: 'padding' },
    ...parts,
  };
}

/** A dashed line where a figure would be exact, even or whole. */
export function referenceLine(encoding: object): object {
  return {
    data: { values: [{}] },
    mark: { type: 'rule', color: MUTED, strokeDash: [3, 3] },
    encoding,
  };
}

/** One hue per label, the same in every layer and chart that lists the labels in this order. */
export function colourOf(labels: readonly string[]): object {
  return {
    field: 'label',
    type: 'nominal',
    title: null,
    scale: { domain: labels, range: HUES.slice(0, Math.max(1, Math.min(HUES.length, labels.length))) },
    legend: labels.length > 1 ? { columns: { expr: `width < 460 ? 1 : ${columnsFor(labels)}` } } : null,
  };
}

/** As many columns of a legend as stand beside each other in the least width that is not a phone's. */
function columnsFor(labels: readonly string[]): number {
  const longest = Math.max(...labels.map(({ length }) => length));
  const column_px = SYMBOL_PX + Math.min(LABEL_MOST_PX, longest * LETTER_PX);
  return Math.max(1, Math.min(COLUMNS_MOST, Math.floor((WIDTH_PX - AXIS_PX) / column_px)));
}

/** A number with no more digits than a picture shows, to keep pages small. */
export function drawn(value: number, digits = 5): number {
  return Number(value.toPrecision(digits));
}

/** One note of several sentences; those that are null or empty are left out. */
export function noteOf(...sentences: readonly (string | null)[]): string | null {
  return sentences.filter((text) => text !== null && text !== '').join(' ') || null;
}
