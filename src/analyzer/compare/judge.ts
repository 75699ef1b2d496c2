import type { Verdict } from '../../core/comparison.ts';
import type { Interval } from '../ratio-interval.ts';
import { studentT } from '../student-t.ts';
import { type ArmEffect, armEffect, type Observation } from './arm-effect.ts';

const QUANTILE_95 = 0.975;
const QUANTILE_90 = 0.95;
/**
 * Degrees of freedom below which the interval stands without a verdict: one odd trial decides it, and a build would fail
 * for that. The 95 % quantile of Student's t is more than 40 % above that of the normal distribution there.
 */
export const DF_LEAST = 5;

/** What the model says of the arms: changes are ratios less 1. Null where it has nothing to go on. */
export interface Judgement {
  readonly change: number | null;
  readonly ci95: Interval | null;
  readonly ci90: Interval | null;
  readonly drift: number | null;
  readonly spread: number | null;
  readonly df: number;
  readonly verdict: Verdict;
}

const NOTHING: Judgement = {
  change: null,
  ci95: null,
  ci90: null,
  drift: null,
  spread: null,
  df: 0,
  verdict: 'inconclusive',
};

/** Fits the observations and judges them, if they are enough, against ± `threshold_ratio`. Source: METHOD §6. */
export function judge(observations: readonly Observation[], threshold_ratio: number): Judgement {
  const fit = armEffect(observations);
  if (fit === null) return NOTHING;
  const change = Math.expm1(fit.effect);
  const ci95 = intervalOf(fit, QUANTILE_95);
  const ci90 = intervalOf(fit, QUANTILE_90);
  return {
    change,
    ci95,
    ci90,
    drift: fit.drift === null ? null : Math.expm1(fit.drift),
    spread: fit.spread,
    df: fit.df,
    verdict: fit.df < DF_LEAST ? 'inconclusive' : verdictOf({ change, ci95, ci90 }, threshold_ratio),
  };
}

interface Effect {
  readonly change: number;
  readonly ci95: Interval;
  readonly ci90: Interval;
}

/**
 * `better` or `worse` when the 95 % interval excludes 0 and the change exceeds the threshold; `no significant change`
 * when the 90 % interval lies within ± threshold (two one-sided tests at 5 %); else `inconclusive`. Source: METHOD §6.
 */
export function verdictOf({ change, ci95, ci90 }: Effect, threshold_ratio: number): Verdict {
  const isReal = ci95[0] > 0 || ci95[1] < 0;
  if (isReal && Math.abs(change) > threshold_ratio) return change > 0 ? 'worse' : 'better';
  const isSmall = ci90[0] >= -threshold_ratio && ci90[1] <= threshold_ratio;
  return isSmall ? 'no significant change' : 'inconclusive';
}

function intervalOf({ effect, standardError, df }: ArmEffect, quantile: number): Interval {
  const half = standardError === 0 ? 0 : studentT(quantile, df) * standardError;
  return [Math.expm1(effect - half), Math.expm1(effect + half)];
}
