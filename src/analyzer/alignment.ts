import type { Seconds } from '../core/units.ts';
import { type Break, findBreaks } from './breaks.ts';
import type { Frames } from './frames.ts';
import { at, countUpTo, quantileOf, sortedPicks } from './search.ts';
import { fitSegment, rateOf, type SegmentFit } from './segment.ts';

/** Frames at their true place on the run's clock, with what is known of the remaining error. */
export interface Alignment {
  /** Per frame, ascending; consecutive frames of a segment touch. Frames of neighbouring segments may overlap. */
  readonly start_s: Float64Array;
  readonly end_s: Float64Array;
  /** Seconds that frames 0 … i−1 cover: the same for each domain that has them all. */
  readonly coveredBefore_s: Float64Array;
  readonly segments: readonly Segment[];
  /** Where widths and passed time part: the chain was longer than the time, or its rate was refused. */
  readonly mismatches: readonly Mismatch[];
  /** Arrivals jitter more than half a width. */
  readonly poor: boolean;
}

export interface Segment {
  readonly start_s: Seconds;
  /** Misplacement that the delays' own scatter leaves, at 95 %. */
  readonly residual_s: Seconds;
}

export interface Mismatch {
  readonly start_s: Seconds;
  readonly end_s: Seconds;
}

/** 95 % quantile of an exponential delay, in units of its mean: −ln 0.05. */
const EXPONENTIAL_P95 = 2.996;
/** More unexplained breaks than one in so many frames: the widths are wrong, not the frames lost. */
const FRAMES_PER_BREAK = 100;

/**
 * Moves frames stamped on arrival to where they belong: their widths are chained per unbroken segment, and the chain
 * is laid so that no frame ends after it arrived. A constant least delay cannot be seen; the domain declares it.
 * Source: METHOD §2, 'Alignment'.
 */
export function alignFrames(frames: Frames, losses_s: readonly Seconds[]): Alignment {
  const { chain_s, delay_s } = chained(frames);
  const width_s = typicalWidth_s(frames);
  const breaks = findBreaks(delay_s, width_s, firstFramesAfter(frames, losses_s));
  const start_s = new Float64Array(chain_s.length);
  const end_s = new Float64Array(chain_s.length);
  const fits: SegmentFit[] = [];
  const bounds = [0, ...breaks.map((one) => one.index), chain_s.length];
  const sourceRate = longestRate(chain_s, delay_s, bounds);
  for (let s = 0; s + 1 < bounds.length; s++) {
    const from = bounds[s] ?? 0;
    const to = bounds[s + 1] ?? 0;
    if (from === to) continue;
    const fit = fitSegment(chain_s.subarray(from, to), delay_s.subarray(from, to), sourceRate);
    fits.push(fit);
    placeFrames({ frames, chain_s, from, to, fit, start_s, end_s });
  }
  const excess_s = sortedPicks(frames.end_s.map((arrival_s, i) => arrival_s - at(end_s, i)));
  const meanDelay_s = Math.max(0, quantileOf(excess_s, 0.5)) / Math.LN2;
  const segments = fits.map((fit, s) => ({
    start_s: at(start_s, bounds[s] ?? 0),
    residual_s: Math.min((EXPONENTIAL_P95 * meanDelay_s) / fit.framesPerMinimum, width_s),
  }));
  closeSeams({ start_s, end_s, breaks, segments });
  return {
    start_s,
    end_s,
    coveredBefore_s: coveredBefore(start_s, end_s),
    segments,
    mismatches: mismatchesOf({ start_s, end_s, breaks, fits }),
    poor: quantileOf(excess_s, 0.95) > width_s / 2,
  };
}

/** Running sum of widths, with 0 before the first. */
export function coveredBefore(start_s: Float64Array, end_s: Float64Array): Float64Array {
  const before_s = new Float64Array(end_s.length + 1);
  for (let i = 0; i < end_s.length; i++) before_s[i + 1] = at(before_s, i) + at(end_s, i) - at(start_s, i);
  return before_s;
}

/** Misplacement left at a time, for the bound of an edge there. */
export function residualAt_s(segments: readonly Segment[], t_s: Seconds): Seconds {
  let low = 0;
  let high = segments.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((segments[middle]?.start_s ?? 0) <= t_s) low = middle + 1;
    else high = middle;
  }
  return segments[Math.max(0, low - 1)]?.residual_s ?? 0;
}

function chained(frames: Frames): { chain_s: Float64Array; delay_s: Float64Array } {
  const chain_s = new Float64Array(frames.end_s.length);
  const delay_s = new Float64Array(frames.end_s.length);
  let sum_s = 0;
  for (let i = 0; i < chain_s.length; i++) {
    sum_s += at(frames.end_s, i) - at(frames.start_s, i);
    chain_s[i] = sum_s;
    delay_s[i] = at(frames.end_s, i) - sum_s;
  }
  return { chain_s, delay_s };
}

function typicalWidth_s(frames: Frames): Seconds {
  return quantileOf(sortedPicks(frames.end_s.map((end_s, i) => end_s - at(frames.start_s, i))), 0.5);
}

function firstFramesAfter(frames: Frames, losses_s: readonly Seconds[]): Set<number> {
  const indexes = losses_s.map((at_s) => {
    let index = countUpTo(frames.end_s, at_s);
    while (index > 0 && at(frames.end_s, index - 1) === at_s) index--;
    return index;
  });
  return new Set(indexes.filter((index) => index > 0 && index < frames.end_s.length));
}

/** Clock rate of the source from its longest segment; 0 where that is too short, or its rate is none. */
function longestRate(chain_s: Float64Array, delay_s: Float64Array, bounds: readonly number[]): number {
  const lengths = bounds.slice(1).map((to, s) => to - (bounds[s] ?? 0));
  const longest = lengths.indexOf(Math.max(...lengths));
  const [from, to] = [bounds[longest] ?? 0, bounds[longest + 1] ?? 0];
  const fitted = rateOf(chain_s.subarray(from, to), delay_s.subarray(from, to));
  return fitted === null || fitted.refused ? 0 : fitted.rate;
}

interface Placing {
  readonly frames: Frames;
  readonly chain_s: Float64Array;
  readonly from: number;
  readonly to: number;
  readonly fit: SegmentFit;
  readonly start_s: Float64Array;
  readonly end_s: Float64Array;
}

function placeFrames({ frames, chain_s, from, to, fit, start_s, end_s }: Placing): void {
  const width_s = at(frames.end_s, from) - at(frames.start_s, from);
  let reached_s = fit.place(at(chain_s, from) - width_s);
  for (let i = from; i < to; i++) {
    start_s[i] = reached_s;
    reached_s = fit.place(at(chain_s, i));
    end_s[i] = reached_s;
  }
}

/** A seam narrower than what both sides' scatter explains is no gap: nothing was lost there. */
function closeSeams(given: {
  readonly start_s: Float64Array;
  readonly end_s: Float64Array;
  readonly breaks: readonly Break[];
  readonly segments: readonly Segment[];
}): void {
  given.breaks.forEach(({ index }, s) => {
    const seam_s = at(given.start_s, index) - at(given.end_s, index - 1);
    const scatter_s = (given.segments[s]?.residual_s ?? 0) + (given.segments[s + 1]?.residual_s ?? 0);
    if (Math.abs(seam_s) <= scatter_s) given.start_s[index] = at(given.end_s, index - 1);
  });
}

function mismatchesOf(given: {
  readonly start_s: Float64Array;
  readonly end_s: Float64Array;
  readonly breaks: readonly Break[];
  readonly fits: readonly SegmentFit[];
}): Mismatch[] {
  const { start_s, end_s, breaks, fits } = given;
  const found = breaks.filter((one) => one.sort !== 'known').length;
  const manyBreaks = found >= 3 && found * FRAMES_PER_BREAK > end_s.length;
  if (manyBreaks || fits.some((fit) => fit.rateRefused)) {
    return [{ start_s: at(start_s, 0), end_s: at(end_s, end_s.length - 1) }];
  }
  return breaks
    .filter((one) => one.sort === 'early')
    .map(({ index }) => ({ start_s: at(start_s, index), end_s: at(end_s, index) }));
}
