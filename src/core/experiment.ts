import type { Comparison } from './comparison.ts';

/** One side of an experiment: its energy, and what the server says of the factor. Null: not said, or not measured. */
export interface ArmResult {
  readonly name: string;
  /** Headline domain, over all trials of the arm. */
  readonly net_JPerTok: number | null;
  /** Of the simulated machine, over the same trials. */
  readonly true_JPerTok?: number;
  readonly tokPerS: number | null;
  /** Draft tokens that were accepted ÷ proposed. */
  readonly acceptedRatio: number | null;
  /** Prompt tokens from the server's cache ÷ all of them. */
  readonly cachedRatio: number | null;
  /** Trials with an answer. */
  readonly n: number;
}

/** The sides of an experiment and how each compares with the first. */
export interface ExperimentResult {
  readonly id: string;
  readonly arms: readonly ArmResult[];
  readonly comparisons: readonly Comparison[];
}
