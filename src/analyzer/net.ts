import { type CodeId, isVoid } from '../core/codes.ts';
import type { BaselineResult } from '../core/result.ts';
import type { Joules, Seconds } from '../core/units.ts';
import type { BaselinePair } from './baseline.ts';

/** Drift between baselines, relative to net power. Source: METHOD §3, in percent of net. */
const DRIFT_RATIO = 0.05;
/** T·H_b relative to net energy. Source: METHOD §3. */
const NOISE_RATIO = 0.01;
/** Bound relative to net energy. Source: METHOD §2. */
const BOUND_RATIO = 0.05;

export interface NetEnergy {
  readonly gross_J: Joules;
  readonly net_J: Joules | null;
  readonly bound_J: Joules;
  readonly covered_s: Seconds;
  readonly baseline: BaselineResult | null;
}

/** Doubts about idle power, net energy and bound. `around`: the baselines that were recorded. */
export function netCodes(energy: NetEnergy, around: BaselinePair): CodeId[] {
  const { gross_J, net_J, bound_J, covered_s, baseline } = energy;
  const reference_J = Math.abs(net_J ?? gross_J);
  const codes: CodeId[] = bound_J > BOUND_RATIO * reference_J ? ['BOUND_LARGE'] : [];
  if (baseline === null || net_J === null) return [...codes, 'BASELINE_MISSING'];
  const { before_W, after_W, halfWidth_W } = baseline;
  if (before_W === null || after_W === null || around.before === null || around.after === null) {
    codes.push('BASELINE_ONE_SIDED');
  } else if (Math.abs(after_W - before_W) * covered_s > DRIFT_RATIO * reference_J) {
    codes.push('BASELINE_DRIFT');
  }
  if (halfWidth_W * covered_s > NOISE_RATIO * reference_J) codes.push('BASELINE_NOISY');
  if (net_J < 0) codes.push('NET_NEGATIVE');
  return codes;
}

/** The value, or null where a code forbids a joule. */
export function unlessVoid<T>(codes: readonly CodeId[], value: T): T | null {
  return isVoid(codes) ? null : value;
}
