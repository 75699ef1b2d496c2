import { rawLagCorrelation } from './half-width.ts';
import { type RatioItem, residualsOf } from './ratio-interval.ts';

/** Trials beyond one of each prompt below which a correlation between neighbours says nothing. */
const TRIALS_LEAST = 8;
/** One-sided 1 % point of the normal distribution. */
const SIGMAS = 2.326;

/**
 * Whether successive trials resemble each other more than chance lets independent ones, in one of a hundred runs:
 * lag-1 correlation of residuals within prompts above its mean of −1/n and spread of 1/√n. Source: METHOD §5.1; Kendall,
 * Biometrika 41 (1954) 403.
 */
export function areCorrelated(items: readonly RatioItem[]): boolean {
  const n = items.length;
  const strata = new Set(items.map((item) => item.stratum)).size;
  if (n - strata + 1 < TRIALS_LEAST) return false;
  return rawLagCorrelation(residualsOf(items)) > (SIGMAS * Math.sqrt(n) - 1) / n;
}
