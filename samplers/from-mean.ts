import type { DomainId, Sample } from '../src/core/sample.ts';
import type { Joules, Seconds } from '../src/core/units.ts';

export interface MeanReading {
  readonly domain: DomainId;
  /** Energy over the source's own window. */
  readonly energy_J: Joules;
  /** Length of that window as the source states it, never the requested interval. */
  readonly width_s: Seconds;
  readonly arrival_s: Seconds;
}

/**
 * Sample of a source that integrates over its own window, stamped [arrival − width, arrival). Null where the reading
 * cannot be one: negative or non-finite energy, no width. Source: METHOD §2, kind `mean`.
 */
export function sampleFromMean({ domain, energy_J, width_s, arrival_s }: MeanReading): Sample | null {
  const start_s = arrival_s - width_s;
  const isSound =
    energy_J >= 0 && Number.isFinite(energy_J) && start_s < arrival_s && Number.isFinite(start_s);
  return isSound ? { domain, start_s, end_s: arrival_s, energy_J, kind: 'mean' } : null;
}
