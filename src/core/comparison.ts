import type { DomainId } from './sample.ts';

/** Energy per token of the candidate against the reference: `better` uses less. Source: METHOD §6. */
export type Verdict = 'better' | 'worse' | 'no significant change' | 'inconclusive';

/** Which joules are compared: above idle, or all. */
export type EnergyBasis = 'net' | 'gross';

/**
 * How the two arms lie in time. `interleaved`: they take turns, so that drift falls on both · `grouped`: one after the
 * other in one run · `separate`: in two runs, where drift and arm cannot be told apart.
 */
export type Design = 'interleaved' | 'grouped' | 'separate';

/** One side of a comparison. */
export interface ComparedArm {
  readonly run: string;
  readonly model: string;
  /** Trials that entered the model. */
  readonly n: number;
  /** Trials without a usable energy: void, unanswered, or not above 0. */
  readonly left_out: number;
  /** ΣE/Σn over the trials that entered. */
  readonly value_JPerTok: number | null;
  readonly meanPower_W: number | null;
}

/** Second opinion, free of any distribution: Wilcoxon's signed ranks over pairs of one prompt and repetition. */
export interface SignedRank {
  /** Pairs that differ. */
  readonly n: number;
  /** Sum of the ranks of the pairs in which the candidate used more. */
  readonly statistic: number;
  /** Two-sided, 0–1. */
  readonly p: number;
  readonly isExact: boolean;
}

export const COMPARISON_NOTES = [
  'DRIFT_CONFOUNDED',
  'GROUPED_ORDER',
  'FEW_TRIALS',
  'LEFT_OUT',
  'LOST_IN_NOISE',
  'DOUBTFUL',
  'SECOND_OPINION_DIFFERS',
  'POWER_RATIO',
  'OTHER_MACHINE',
  'ESTIMATE_ACROSS_DEVICES',
  'ACROSS',
  'DIGEST_UNKNOWN',
  'SETTINGS_DIFFER',
  'METHOD_DIFFERS',
  'SIMULATED',
] as const;
export type ComparisonNoteId = (typeof COMPARISON_NOTES)[number];

/** Something to know before the verdict is believed. */
export interface ComparisonNote {
  readonly id: ComparisonNoteId;
  readonly message: string;
}

/**
 * Candidate ÷ reference in J/token, from log J/token ~ arm + prompt + linear trend. Changes are ratios less 1: 0.05 is
 * 5 % more energy. The sensor's systematic error is in none of them.
 */
export interface Comparison {
  readonly basis: EnergyBasis;
  readonly domain: DomainId;
  readonly scope: string;
  readonly threshold_ratio: number;
  readonly design: Design;
  readonly reference: ComparedArm;
  readonly candidate: ComparedArm;
  readonly change: number | null;
  readonly ci95: readonly [number, number] | null;
  /** For equivalence: within ± threshold means no significant change. */
  readonly ci90: readonly [number, number] | null;
  /** Linear drift of J/token over the time that the trials took; null where it was not estimated. */
  readonly drift: number | null;
  /** Standard deviation of a trial about the model, as a ratio. */
  readonly spread: number | null;
  readonly df: number;
  /** Where the lab took part in every trial: the same model fitted to its true energies. */
  readonly trueChange?: number;
  readonly signedRank: SignedRank | null;
  readonly verdict: Verdict;
  readonly notes: readonly ComparisonNote[];
}
