import type { Domain } from '../core/sample.ts';

/** Whatever energy is stated for: a domain that was read, or a sum of such. */
export interface Measured {
  readonly domain: Domain;
}

/** Rank from which on a domain is the whole machine: `system`, `wall`. */
export const WHOLE_MACHINE_RANK = 3;

/** The widest measured domain: the number that is quoted. Of several equally wide the first; null without power. */
export function headlineOf(measured: readonly Measured[]): Measured | null {
  let widest: Measured | null = null;
  for (const one of measured) {
    if (widest === null || one.domain.rank > widest.domain.rank) widest = one;
  }
  return widest;
}
