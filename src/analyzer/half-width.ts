import { sampleStandardDeviation } from 'simple-statistics';
import { studentT } from './student-t.ts';

const RATIO_95 = 0.975;

/** What a mean may err by at 95 %, and the degrees of freedom that this is known with. */
export interface MeanError {
  readonly halfWidth: number;
  readonly df: number;
}

/** Of what is known exactly, or errs by nothing more. */
export const NO_ERROR: MeanError = { halfWidth: 0, df: 1 };

/**
 * 95 % interval of a mean of successive readings, each the average power of its width, that resemble each other. The
 * number of independent ones is n over the inflation of the mean's variance, 2 ≤ n_eff ≤ n, with the lag-1 correlation
 * bias-corrected; too small an n_eff widens it. NaN below two readings. Source: METHOD §3.
 */
export function meanError(values: readonly number[]): MeanError {
  const n = values.length;
  if (n < 2) return { halfWidth: Number.NaN, df: Number.NaN };
  const independent = Math.min(n, Math.max(2, n / inflationOf(lagCorrelation(values))));
  const df = independent - 1;
  const error = sampleStandardDeviation([...values]) / Math.sqrt(independent);
  return { halfWidth: studentT(RATIO_95, df) * error, df };
}

/**
 * Error of a sum of means that err on their own, each given as its part of the sum: standard errors in quadrature,
 * degrees of freedom by Welch–Satterthwaite. Adding half-widths instead would take each for as ill-known as if it stood alone.
 */
export function pooledError(parts: readonly MeanError[]): MeanError {
  const known = parts.filter(({ halfWidth }) => halfWidth !== 0);
  const [first = NO_ERROR] = known;
  if (known.length < 2) return first;
  let variance = 0;
  let variancePerDf = 0;
  for (const { df, halfWidth } of known) {
    const term = (halfWidth / studentT(RATIO_95, df)) ** 2;
    variance += term;
    variancePerDf += term ** 2 / df;
  }
  const df = variance ** 2 / variancePerDf;
  return { halfWidth: studentT(RATIO_95, df) * Math.sqrt(variance), df };
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

/** Shortest reading in units of the correlation time that is looked for: n_eff is 2 long before. */
const SHORTEST = 1e-4;
const LONGEST = 1e4;
const HALVINGS = 60;

/**
 * Variance of a mean of many averages over that of as many independent ones. Each averages an Ornstein–Uhlenbeck process
 * over a times its correlation time; they touch, so neighbours correlate by ρ₁ = (1 − e⁻ᵃ)²/2(a − 1 + e⁻ᵃ), and the mean's
 * variance is inflated by a/(a − 1 + e⁻ᵃ). The (1 + ρ)/(1 − ρ) of AR(1) instants, with the same ρ₁, says a quarter more
 * at a = 0.8. A gauge's pieces, means of two readings, are as averages in this. Source: Gillespie, Phys. Rev. E 54 (1996) 2084.
 */
function inflationOf(correlation: number): number {
  if (correlation <= 0) return 1;
  let low = SHORTEST;
  let high = LONGEST;
  for (let i = 0; i < HALVINGS; i++) {
    const middle = Math.sqrt(low * high);
    const decay = Math.expm1(-middle);
    if (decay ** 2 / (2 * (middle + decay)) > correlation) low = middle;
    else high = middle;
  }
  return low / (low + Math.expm1(-low));
}
