import { median, medianAbsoluteDeviation } from 'simple-statistics';
import { sortCodes } from '../core/codes.ts';
import type { EnergyRow, TrialResult } from '../core/result.ts';

/** Fewer trials of one prompt show no habit to depart from. */
const TRIALS_LEAST = 5;
/** Modified z-score beyond which a value is an outlier. Source: Iglewicz & Hoaglin, 1993. */
const SCORE_MOST = 3.5;
/** Median absolute deviation of a normal distribution, in standard deviations: 1/1.4826. */
const MAD_PER_SIGMA = 0.6745;

/** Marks rows far from the others of the same model, prompt and domain. They stay in every sum. Source: METHOD §5. */
export function withOutliers(trials: readonly TrialResult[]): TrialResult[] {
  const limits = new Map<string, (value: number) => boolean>();
  for (const [key, values] of valuesByGroup(trials)) limits.set(key, outlierTest(values));
  return trials.map((trial) => ({
    ...trial,
    energy: trial.energy.map((row) => {
      const value = perToken(row);
      const isOutlier = value !== null && limits.get(groupOf(trial, row))?.(value) === true;
      return isOutlier ? { ...row, codes: sortCodes([...row.codes, 'OUTLIER']) } : row;
    }),
  }));
}

function valuesByGroup(trials: readonly TrialResult[]): Map<string, number[]> {
  const groups = new Map<string, number[]>();
  for (const trial of trials) {
    for (const row of trial.energy) {
      const value = perToken(row);
      if (value === null) continue;
      const key = groupOf(trial, row);
      const values = groups.get(key) ?? [];
      values.push(value);
      groups.set(key, values);
    }
  }
  return groups;
}

function outlierTest(values: readonly number[]): (value: number) => boolean {
  if (values.length < TRIALS_LEAST) return () => false;
  const middle = median([...values]);
  const deviation = medianAbsoluteDeviation([...values]);
  return (value) => deviation > 0 && (MAD_PER_SIGMA * Math.abs(value - middle)) / deviation > SCORE_MOST;
}

function perToken(row: EnergyRow): number | null {
  return row.net_JPerTok ?? row.gross_JPerTok;
}

function groupOf(trial: TrialResult, row: EnergyRow): string {
  return JSON.stringify([trial.model, trial.workload, trial.promptId, row.domain]);
}
