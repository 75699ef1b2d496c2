import type { SeededRandom } from '../../tests/support/seeded-random.ts';
import { quantile } from './numbers.ts';

/** Noise whose correlation fades exponentially (Ornstein–Uhlenbeck), relative to the power that it is on. */
export interface Noise {
  readonly deviationRatio: number;
  readonly correlation_s: number;
}

/**
 * Variance that the integral of noise of variance 1 over `width_s` keeps when its values at both ends are known: what no
 * reckoning can take out of a gauge's readings. Source: conditional variance of normal variables, with
 * Var = 2τ²(a − 1 + e⁻ᵃ), Cov = τ(1 − e⁻ᵃ), a = w/τ.
 */
export function unseenVariance_s2(width_s: number, correlation_s: number): number {
  const a = width_s / correlation_s;
  const whole = 2 * correlation_s ** 2 * (a + Math.expm1(-a));
  const withEnds = correlation_s * -Math.expm1(-a);
  return whole - (2 * withEnds ** 2) / (1 + Math.exp(-a));
}

const DRAWS = 20_000;

/** Least relative error at p95 that any reckoning of gross energy from a gauge could have, edges and lag known exactly. */
export function leastGaugeError(
  requests: { readonly widths_s: readonly number[]; readonly publications: readonly [number, number] },
  noise: Noise,
  random: SeededRandom,
): number {
  const [fewest, most] = requests.publications;
  const errors = Array.from({ length: DRAWS }, (_, i) => {
    const width_s = requests.widths_s[i % requests.widths_s.length] ?? Number.NaN;
    const pieces = random.between(fewest, most);
    const unseen_s = Math.sqrt(pieces * unseenVariance_s2(width_s, noise.correlation_s));
    return Math.abs((noise.deviationRatio * unseen_s * random.normal()) / (pieces * width_s));
  });
  return quantile(errors, 0.95);
}
