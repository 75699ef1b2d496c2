import type { VegaLiteSpec } from './report.ts';
import { HUES, MUTED, THEME_CONFIG } from './theme.ts';

/** Width of a chart with its axes, before a page fits it to its own. */
export const WIDTH_PX = 720;

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
    legend: labels.length > 1 ? { columns: { expr: 'width < 460 ? 1 : 3' } } : null,
  };
}

/** A number with no more digits than a picture shows, to keep pages small. */
export function drawn(value: number, digits = 5): number {
  return Number(value.toPrecision(digits));
}
