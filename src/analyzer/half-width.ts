import { sampleStandardDeviation } from 'simple-statistics';
import { studentT } from './student-t.ts';

const RATIO_95 = 0.975;

/**
 * Half-width of the 95 % interval of a mean of successive values that resemble each other. The number of independent
 * values is n(1 − ρ)/(1 + ρ), 2 ≤ n_eff ≤ n, with the lag-1 correlation ρ bias-corrected; too small an n_eff widens it.
 * NaN below two values. Source: METHOD §3.
 */
export function halfWidthOfMean(values: readonly number[]): number {
  const n = values.length;
  if (n < 2) return Number.NaN;
  const correlation = lagCorrelation(values);
  const independent = Math.min(n, Math.max(2, (n * (1 - correlation)) / (1 + correlation)));
  return (
    (studentT(RATIO_95, independent - 1) * sampleStandardDeviation([...values])) / Math.sqrt(independent)
  );
}

/** Lag-1 autocorrelation, corrected by +(1 + 4ρ₁)/n for the bias of short series, within [0, 1]. Source: METHOD §3. */
export function lagCorrelation(values: readonly number[]): number {
  const raw = rawLagCorrelation(values);
  return Math.min(1, Math.max(0, raw + (1 + 4 * raw) / values.length));
}

/** Lag-1 autocorrelation; 0 where nothing varies. */
export function rawLagCorrelation(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  let products = 0;
  let squares = 0;
  let previous = 0;
  for (const value of values) {
    const deviation = value - mean;
    products += deviation * previous;
    squares += deviation * deviation;
    previous = deviation;
  }
  return squares > 0 ? products / squares : 0;
}
