import type { EnergyRow } from '../core/result.ts';
import type { Joules, Seconds } from '../core/units.ts';
import { type MeanError, NO_ERROR, pooledError } from './half-width.ts';
import { sumOf } from './ratio-interval.ts';

interface SharingRow {
  readonly row: Pick<EnergyRow, 'baseline' | 'uncertainty'>;
  readonly output_tok: number;
}

/**
 * What net J/token of all trials errs by in common because they share baselines: H_b·ΣT/Σn of each baseline, those of
 * several pooled, for they err on their own. A trial's own baseline is in the spread. Source: METHOD §5.1.
 */
export function sharedError(entries: readonly SharingRow[]): MeanError {
  const tokens = sumOf(entries.map((entry) => entry.output_tok));
  if (!(tokens > 0)) return NO_ERROR;
  const errors_J = new Map<Seconds, MeanError>();
  for (const { row } of entries) {
    for (const { df, halfWidth_W, share, start_s } of row.baseline?.shared ?? []) {
      const before_J: Joules = errors_J.get(start_s)?.halfWidth ?? 0;
      errors_J.set(start_s, { halfWidth: before_J + halfWidth_W * share * covered_s(row), df });
    }
  }
  const { df, halfWidth } = pooledError([...errors_J.values()]);
  return { halfWidth: halfWidth / tokens, df };
}

/** Time that readings cover: the half-width's energy over its power. */
function covered_s({ baseline, uncertainty }: SharingRow['row']): Seconds {
  const power_W = baseline?.halfWidth_W ?? 0;
  return power_W > 0 ? (uncertainty.baseline_J ?? 0) / power_W : 0;
}
