import type { Estimate, PartSummary, PartsSummary, TrialResult } from '../core/result.ts';
import type { DomainId } from '../core/sample.ts';
import { type PartRegression, regressionOf } from './parts-regression.ts';
import { type RatioItem, ratioInterval, ratioOf } from './ratio-interval.ts';

export interface PartsOfGroup {
  /** Absent where no trial tells of either part. */
  readonly parts?: PartsSummary;
  readonly isCollinear: boolean;
}

/**
 * Prefill and decode of a group: from the windows and blocks of its trials; what they do not resolve from a regression,
 * for a whole workload (`withRegression`). Source: METHOD §4.
 */
export function partsOfGroup(
  trials: readonly TrialResult[],
  domain: DomainId,
  withRegression: boolean,
): PartsOfGroup {
  const own = { prefill: partOf(trials, domain, 'prefill'), decode: partOf(trials, domain, 'decode') };
  const isResolved = own.prefill.method !== 'none' && own.decode.method !== 'none';
  const fit = isResolved || !withRegression ? NONE : regressionOf(trials, domain);
  const { regression } = fit;
  if (regression !== null) {
    const prefill = fallback(own.prefill, regression.prefill_JPerTok, regression.n);
    const decode = fallback(own.decode, regression.decode_JPerTok, regression.n);
    return { parts: { prefill, decode, regression }, isCollinear: false };
  }
  const isEmpty = own.prefill.method === 'none' && own.decode.method === 'none';
  return { ...(isEmpty ? {} : { parts: { ...own, regression } }), isCollinear: fit.isCollinear };
}

const NONE: PartRegression = { regression: null, isCollinear: false };
const UNKNOWN: Estimate = { value: null, ci95: null, spread: null };

/** A half-width beyond this part of the value is no figure to quote; the fit shows it all the same. */
const RESOLVED_RATIO = 0.1;

/** The fit's figure where the windows have none, and where it is good to 10 %: else the part is not resolvable. */
function fallback(own: PartSummary, fitted: Estimate, n: number): PartSummary {
  if (own.method !== 'none') return own;
  const { ci95, value } = fitted;
  const isResolved = ci95 !== null && value !== null && ci95[1] - ci95[0] <= 2 * RESOLVED_RATIO * value;
  return isResolved ? { method: 'regression', net_JPerTok: fitted, n } : own;
}

/** Σnet/Σtokens over the trials that resolve the part, if most of them do: else it would be that of long prompts only. */
function partOf(trials: readonly TrialResult[], domain: DomainId, name: 'prefill' | 'decode'): PartSummary {
  let asked = 0;
  let isBlock = false;
  const items: RatioItem[] = [];
  for (const trial of trials) {
    const row = trial.energy.find((one) => one.domain === domain);
    if (row === undefined || row.gross_J === null || (name === 'decode' && trial.requests !== undefined))
      continue;
    asked++;
    const part = row[name];
    if (part === null || part.net_J === null || part.tokens === null || part.tokens === 0) continue;
    isBlock ||= row.method === 'block';
    items.push({ over: part.net_J, under: part.tokens, stratum: trial.promptId });
  }
  if (items.length === 0 || 2 * items.length < asked) return { method: 'none', net_JPerTok: UNKNOWN, n: 0 };
  return {
    method: isBlock ? 'block' : 'window',
    net_JPerTok: { value: ratioOf(items), ci95: ratioInterval(items), spread: null },
    n: items.length,
  };
}
