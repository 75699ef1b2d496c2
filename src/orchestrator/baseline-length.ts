import type { Plan } from '../core/run.ts';
import { S_PER_MS, type Seconds, type Watts } from '../core/units.ts';

/** A baseline is long enough when its uncertainty costs at most this part of net energy. Source: METHOD §3. */
const NET_SHARE = 0.01;

/** 97.5 % quantiles of Student's t for 1 … 30 degrees of freedom; beyond, the normal one is within 4 %. */
const T_QUANTILES = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131,
  2.12, 2.11, 2.101, 2.093, 2.086, 2.08, 2.074, 2.069, 2.064, 2.06, 2.056, 2.052, 2.048, 2.045, 2.042,
] as const;
const NORMAL_QUANTILE = 1.96;

/**
 * Half-width of the 95 % interval of mean idle power, from live readings in order. Neighbours resemble each other, so
 * n readings count as n_eff: lag-1 autocorrelation, bias-corrected by (1 + 4ρ)/n, clipped at 0; 2 ≤ n_eff ≤ n.
 * Infinite below two readings. It only decides how long to wait: the figure reported is the analyzer's. Source: METHOD §3.
 */
export function halfWidth_W(powers_W: readonly Watts[]): Watts {
  const n = powers_W.length;
  if (n < 2) return Number.POSITIVE_INFINITY;
  const mean_W = meanOf(powers_W);
  const deviations_W = powers_W.map((power_W) => power_W - mean_W);
  const squares = deviations_W.reduce((sum, deviation_W) => sum + deviation_W ** 2, 0);
  if (squares === 0) return 0;
  const products = deviations_W.slice(1).reduce((sum, d_W, i) => sum + d_W * (deviations_W[i] ?? 0), 0);
  const raw = products / squares;
  const correlation = Math.min(0.99, Math.max(0, raw + (1 + 4 * raw) / n));
  const effective = Math.min(n, Math.max(2, (n * (1 - correlation)) / (1 + correlation)));
  return tQuantile(effective - 1) * Math.sqrt(squares / (n - 1) / effective);
}

/**
 * True when T·H_b ≤ 1 % of the net energy that a request should use. The request lasts T on both sides, so T falls
 * out: H_b ≤ 1 % of (power of the warm-up − idle power). Also true when that cannot be judged: no warm-up power, or
 * none above idle; then the minimum length stands.
 */
export function isLongEnough(powers_W: readonly Watts[], warmup_W: Watts | null): boolean {
  if (warmup_W === null || powers_W.length === 0) return true;
  const net_W = warmup_W - meanOf(powers_W);
  return net_W <= 0 || halfWidth_W(powers_W) <= NET_SHARE * net_W;
}

/** Readings of a look at a shared baseline. */
const SPOT_READINGS = 8;

/** How long a look at a shared baseline takes: a few readings, never longer than a baseline. */
export function spotCheck_s({ baseline_s, interval_ms }: Plan): Seconds {
  return Math.min(baseline_s, SPOT_READINGS * interval_ms * S_PER_MS);
}

/**
 * True when a shared baseline still holds: what is read now differs from it by no more than both are uncertain by, or
 * by 1 % of what a request draws above it. Also true when nothing can be read, so that nothing can be judged.
 */
export function stillHolds(
  known_W: readonly Watts[],
  now_W: readonly Watts[],
  warmup_W: Watts | null,
): boolean {
  if (known_W.length < 2 || now_W.length < 2) return true;
  const known = meanOf(known_W);
  const error_W = Math.hypot(halfWidth_W(known_W), halfWidth_W(now_W));
  const net_W = warmup_W === null ? 0 : Math.max(0, warmup_W - known);
  return Math.abs(meanOf(now_W) - known) <= Math.max(error_W, NET_SHARE * net_W);
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Rounds degrees of freedom down, so that the interval is rather too wide. */
function tQuantile(freedom: number): number {
  return T_QUANTILES[Math.max(1, Math.floor(freedom)) - 1] ?? NORMAL_QUANTILE;
}
