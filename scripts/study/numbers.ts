import { PERCENT_PER_RATIO } from '../../src/core/units.ts';

/** Value below which a part of the values lies, linear between ranks; NaN anywhere gives NaN, so that nothing hides. */
export function quantile(values: readonly number[], part: number): number {
  if (values.length === 0 || values.some(Number.isNaN)) return Number.NaN;
  const sorted = [...values].sort((a, b) => a - b);
  const place = part * (sorted.length - 1);
  const below = Math.floor(place);
  const low = sorted[below] ?? Number.NaN;
  return low + (place - below) * ((sorted[below + 1] ?? low) - low);
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

export function shareOf<T>(items: readonly T[], isSo: (item: T) => boolean): number {
  return items.length === 0 ? Number.NaN : items.filter(isSo).length / items.length;
}

/** Distance from the truth, relative to it, without sign; NaN where there is no figure. */
export function relativeError(found: number | null, truth: number): number {
  return Math.abs((found ?? Number.NaN) / truth - 1);
}

/** `1.23 %`, with so many digits after the point. */
export function percent(ratio: number, digits = 2): string {
  return Number.isNaN(ratio) ? 'none' : `${(ratio * PERCENT_PER_RATIO).toFixed(digits)} %`;
}

/** Whole numbers with thousands separated. */
export function whole(count: number): string {
  return String(count).replaceAll(/\B(?=(\d{3})+$)/g, ',');
}
