import { PERCENT_PER_RATIO } from './units.ts';

/** `digits` significant digits without exponent between 1e-6 and 1e7; `–` for null. */
export function significant(value: number | null, digits = 3): string {
  if (value === null || !Number.isFinite(value)) return '–';
  if (value === 0) return '0';
  const magnitude = Math.floor(Math.log10(Math.abs(value)));
  if (magnitude < -6 || magnitude > 6) return value.toExponential(digits - 1);
  return value.toFixed(Math.max(0, digits - 1 - magnitude));
}

/** A fixed number of decimals; `–` for null. */
export function fixed(value: number | null, decimals: number): string {
  return value === null || !Number.isFinite(value) ? '–' : value.toFixed(decimals);
}

/** A ratio as percent; `–` for null. */
export function percent(ratio: number | null, decimals = 1): string {
  return ratio === null || !Number.isFinite(ratio)
    ? '–'
    : `${(ratio * PERCENT_PER_RATIO).toFixed(decimals)} %`;
}

/** 95 → `1 min 35 s`. */
export function spanText(duration_s: number): string {
  const whole = Math.max(0, Math.round(duration_s));
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return whole % 60 === 0 ? `${minutes} min` : `${minutes} min ${whole % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
