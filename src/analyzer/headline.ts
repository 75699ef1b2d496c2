import type { Timeline } from './timeline.ts';

/** Rank from which on a domain is the whole machine: `system`, `wall`. */
export const WHOLE_MACHINE_RANK = 3;

/** The widest measured domain: the number that is quoted. Of several equally wide the first; null without power. */
export function headlineOf(timelines: readonly Timeline[]): Timeline | null {
  let widest: Timeline | null = null;
  for (const timeline of timelines) {
    if (widest === null || timeline.domain.rank > widest.domain.rank) widest = timeline;
  }
  return widest;
}
