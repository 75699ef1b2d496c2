import type { CodeId } from '../core/codes.ts';
import type { Batch, Sample } from '../core/sample.ts';
import type { Seconds } from '../core/units.ts';

/** Where one source's frames lie, as far as their arrivals have told; one per stream, `UNALIGNED` at first. */
export interface LiveAlignment {
  /** Sum of the source's own widths in this segment. */
  readonly chain_s: Seconds;
  /** Least (arrival − chain) so far in this segment; null before its first frame. */
  readonly delay_s: Seconds | null;
  /** Frames in a row that came later than half a width past the least delay, and the least delay among them. */
  readonly late: number;
  readonly lateDelay_s: Seconds;
}

export const UNALIGNED: LiveAlignment = {
  chain_s: 0,
  delay_s: null,
  late: 0,
  lateDelay_s: Number.POSITIVE_INFINITY,
};

/** So many late frames in a row are no jitter but a loss that nobody told of. Source: METHOD §2, alignment. */
const LATE_FRAMES = 30;

/** After these the chain of widths is broken. */
const BREAKS: ReadonlySet<CodeId> = new Set(['GAP', 'SAMPLER_DIED', 'GARBAGE']);

/**
 * Moves the samples of a `mean` source from where they arrived to where they belong, as well as can be known while
 * the stream runs: chained widths plus the least delay yet seen in the segment. Later frames may lower that least
 * delay, so neighbours may overlap by the correction; energies never change. For live lines and `sample`; the
 * analyzer aligns anew from the recorded arrivals. Other kinds pass as they are.
 */
export function alignLive(before: LiveAlignment, batch: Batch): { state: LiveAlignment; batch: Batch } {
  const from = batch.events.some((event) => BREAKS.has(event.code)) ? UNALIGNED : before;
  const frame = frameOf(batch.samples);
  if (frame === null) return { state: from, batch };
  const state = step(from, frame);
  const shift_s = state.chain_s + (state.delay_s ?? 0) - frame.arrival_s;
  if (shift_s === 0) return { state, batch };
  return { state, batch: { ...batch, samples: batch.samples.map((sample) => shifted(sample, shift_s)) } };
}

interface Frame {
  readonly arrival_s: Seconds;
  readonly width_s: Seconds;
}

/** All `mean` samples of a batch come from one frame: they share its arrival and, but for a narrow rail, its width. */
function frameOf(samples: readonly Sample[]): Frame | null {
  let arrival_s = Number.NEGATIVE_INFINITY;
  let start_s = Number.POSITIVE_INFINITY;
  for (const sample of samples) {
    if (sample.kind !== 'mean') continue;
    arrival_s = Math.max(arrival_s, sample.end_s);
    start_s = Math.min(start_s, sample.start_s);
  }
  return arrival_s > start_s ? { arrival_s, width_s: arrival_s - start_s } : null;
}

function step(from: LiveAlignment, { arrival_s, width_s }: Frame): LiveAlignment {
  const chain_s = from.chain_s + width_s;
  const delay_s = arrival_s - chain_s;
  const least_s = Math.min(from.delay_s ?? delay_s, delay_s);
  if (delay_s <= least_s + width_s / 2) {
    return { chain_s, delay_s: least_s, late: 0, lateDelay_s: Number.POSITIVE_INFINITY };
  }
  const late = from.late + 1;
  const lateDelay_s = Math.min(from.lateDelay_s, delay_s);
  if (late < LATE_FRAMES) return { chain_s, delay_s: least_s, late, lateDelay_s };
  return { chain_s, delay_s: lateDelay_s, late: 0, lateDelay_s: Number.POSITIVE_INFINITY };
}

function shifted(sample: Sample, shift_s: Seconds): Sample {
  if (sample.kind !== 'mean') return sample;
  return { ...sample, start_s: sample.start_s + shift_s, end_s: sample.end_s + shift_s };
}
