import type { Estimate, RegressionResult, TrialResult } from '../core/result.ts';
import type { DomainId } from '../core/sample.ts';
import { sumOf } from './ratio-interval.ts';
import { type Coefficient, leastSquares, type RegressionItem, varianceInflation } from './regression.ts';
import { tokenCounts } from './token-counts.ts';

/** Beyond this the parts cannot be told apart. Source: METHOD §4.2. */
const INFLATION_MOST = 5;

export interface PartRegression {
  readonly regression: RegressionResult | null;
  /** Enough trials, but their lengths vary together. */
  readonly isCollinear: boolean;
}

interface Request {
  readonly trial: number;
  readonly net_J: number;
  readonly prefill_tok: number;
  readonly decode_tok: number;
  /** Mean number of tokens that a decoded token looks back on. */
  readonly context_tok: number;
}

/**
 * Net energy of whole requests against their lengths. The context is counted from its mean over decoded tokens, which
 * changes neither fit nor residuals: decode is quoted at that context, and is told apart from its growth. Requests with
 * fewer than five readings are left out: what their edges err by is no chance. Null with fewer than eight trials, or
 * above a variance inflation of five. Source: METHOD §4.2.
 */
export function regressionOf(trials: readonly TrialResult[], domain: DomainId): PartRegression {
  const requests = trials.flatMap((trial) => requestOf(trial, domain) ?? []);
  const decoded_tok = sumOf(requests.map((one) => one.decode_tok));
  if (!(decoded_tok > 0)) return { regression: null, isCollinear: false };
  const context_tok = sumOf(requests.map((one) => one.decode_tok * one.context_tok)) / decoded_tok;
  const items = requests.map(
    ({ context_tok: own_tok, decode_tok, net_J, prefill_tok }): RegressionItem => ({
      value: net_J,
      regressors: [prefill_tok, decode_tok, decode_tok * (own_tok - context_tok)],
    }),
  );
  const inflation = varianceInflation(items);
  const fit = leastSquares(items);
  const [fixed, prefill, decode, slope] = fit?.coefficients ?? [];
  const isCollinear = items.length >= 8 && inflation > INFLATION_MOST;
  if (fit === null || isCollinear || !fixed || !prefill || !decode || !slope) {
    return { regression: null, isCollinear };
  }
  const residuals = requests.map(({ trial }, i) => ({ trial, residual_J: fit.residuals[i] ?? 0 }));
  const regression: RegressionResult = {
    n: items.length,
    fixed_J: estimateOf(fixed),
    prefill_JPerTok: estimateOf(prefill),
    decode_JPerTok: estimateOf(decode),
    context_tok,
    slope_JPerTok2: estimateOf(slope),
    varianceInflation: inflation,
    residuals,
  };
  return { regression, isCollinear: false };
}

function requestOf(trial: TrialResult, domain: DomainId): Request | null {
  const row = trial.energy.find((one) => one.domain === domain);
  const net_J = row === undefined || row.grade === 'D' ? null : row.net_J;
  const { completion } = trial;
  if (net_J === null || completion === null || completion.error !== null || trial.requests !== undefined)
    return null;
  const { output_tok, prefill_tok } = tokenCounts(completion);
  const { input_tok } = completion;
  if (output_tok === null || output_tok === 0 || prefill_tok === null || input_tok === null) return null;
  return {
    trial: trial.index,
    net_J,
    prefill_tok,
    decode_tok: output_tok - 1,
    context_tok: input_tok + output_tok / 2,
  };
}

function estimateOf({ halfWidth, value }: Coefficient): Estimate {
  return { value, ci95: [value - halfWidth, value + halfWidth], spread: null };
}
