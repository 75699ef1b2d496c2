import type { Batch } from '../src/core/sample.ts';
import type { Seconds } from '../src/core/units.ts';

/** Longest window among the samples of a batch; 0 where it has none. */
export function batchWidth_s(batch: Batch): Seconds {
  return batch.samples.reduce((width_s, sample) => Math.max(width_s, sample.end_s - sample.start_s), 0);
}

export interface Place {
  readonly source: string;
  readonly start_s: Seconds;
  readonly end_s: Seconds;
}

/**
 * The same batch at another time and under another source's name. Samples keep their energy; one of the batch's full
 * width starts exactly at `start_s`, so that chained batches touch without rounding.
 */
export function restamped(batch: Batch, width_s: Seconds, place: Place): Batch {
  const { source, start_s, end_s } = place;
  return {
    samples: batch.samples.map((sample) => {
      const own_s = sample.end_s - sample.start_s;
      return { ...sample, start_s: own_s === width_s ? start_s : end_s - own_s, end_s };
    }),
    observations: batch.observations.map((observation) => ({ ...observation, source, at_s: end_s })),
    events: batch.events.map((event) => ({ ...event, source, at_s: end_s })),
    ...(batch.domains && { domains: batch.domains.map((domain) => ({ ...domain, source })) }),
  };
}
