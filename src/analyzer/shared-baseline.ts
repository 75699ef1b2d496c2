import type { EnergyRow } from '../core/result.ts';
import type { Joules, Seconds } from '../core/units.ts';
import { sumOf } from './ratio-interval.ts';

interface SharingRow {
  readonly row: Pick<EnergyRow, 'baseline' | 'uncertainty'>;
  readonly output_tok: number;
}

/**
 * Half-width of net J/token that trials have in common because they share baselines: H_b·ΣT/Σn of each baseline, those
 * of several in quadrature, for they err on their own. A trial's own baseline is in the spread. Source: METHOD §5.1.
 */
export function sharedHalfWidth(entries: readonly SharingRow[]): number {
  const tokens = sumOf(entries.map((entry) => entry.output_tok));
  if (!(tokens > 0)) return 0;
  const errors_J = new Map<Seconds, Joules>();
  for (const { row } of entries) {
    for (const { halfWidth_W, share, start_s } of row.baseline?.shared ?? []) {
      errors_J.set(start_s, (errors_J.get(start_s) ?? 0) + halfWidth_W * share * covered_s(row));
    }
  }
  return Math.hypot(...errors_J.values()) / tokens;
}

/** Time that readings cover: the half-width's energy over its power. */
function covered_s({ baseline, uncertainty }: SharingRow['row']): Seconds {
  const power_W = baseline?.halfWidth_W ?? 0;
  return power_W > 0 ? (uncertainty.baseline_J ?? 0) / power_W : 0;
}
