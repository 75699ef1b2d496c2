import type { SampleSeries } from '../core/sample.ts';
import { at } from './search.ts';

/** Frames of a source as recorded: `end_s` is the arrival, `end_s − start_s` the source's own width. Sorted by `end_s`. */
export interface Frames {
  readonly start_s: Float64Array;
  readonly end_s: Float64Array;
}

/** Series whose samples come from the same frames, and so share one alignment. */
export interface FrameGroup {
  readonly frames: Frames;
  readonly members: readonly FrameMember[];
}

export interface FrameMember {
  readonly series: SampleSeries;
  /** Place of each sample among the group's frames; null when they are the same, one to one. */
  readonly indexes: Int32Array | null;
}

/** At least this part of a series' samples must be found in a group for it to come from the same frames. */
const SAME_FRAMES_RATIO = 0.5;

/** Groups series of one source by their frames; a rail that is missing in some frames stays with its siblings. */
export function groupByFrames(series: readonly SampleSeries[]): FrameGroup[] {
  const longestFirst = [...series].sort((a, b) => b.end_s.length - a.end_s.length);
  const groups: { frames: Frames; members: SampleSeries[]; whole: Map<SampleSeries, Frames> }[] = [];
  for (const one of longestFirst) {
    const twin = groups.find((group) => isSame(group.frames, one));
    const home = twin ?? groups.find((group) => sharedRatio(group.frames, one) >= SAME_FRAMES_RATIO);
    if (home === undefined) {
      groups.push({ frames: one, members: [one], whole: new Map([[one, one]]) });
      continue;
    }
    home.members.push(one);
    if (twin === undefined) home.frames = unionOf(home.frames, one);
    else home.whole.set(one, home.frames);
  }
  return groups.map(({ frames, members, whole }) => ({
    frames,
    members: members.map((one) => ({
      series: one,
      indexes: whole.get(one) === frames ? null : frameIndexes(frames, one),
    })),
  }));
}

function frameIndexes(frames: Frames, series: Frames): Int32Array {
  const indexes = new Int32Array(series.end_s.length);
  let f = 0;
  for (let i = 0; i < indexes.length; i++) {
    while (f < frames.end_s.length - 1 && !isEqual(frames, f, series, i)) f++;
    indexes[i] = f;
    f = Math.min(f + 1, frames.end_s.length - 1);
  }
  return indexes;
}

function sharedRatio(frames: Frames, series: Frames): number {
  if (series.end_s.length === 0) return 1;
  let shared = 0;
  let f = 0;
  for (let i = 0; i < series.end_s.length; i++) {
    while (f < frames.end_s.length && at(frames.end_s, f) < at(series.end_s, i)) f++;
    const found = findFrom(frames, f, series, i);
    if (found < 0) continue;
    shared++;
    f = found + 1;
  }
  return shared / series.end_s.length;
}

/** Both, in order of arrival; several frames of one arrival keep the order of their own series. */
function unionOf(a: Frames, b: Frames): Frames {
  const start: number[] = [];
  const end: number[] = [];
  const take = (from: Frames, index: number): void => {
    start.push(at(from.start_s, index));
    end.push(at(from.end_s, index));
  };
  let i = 0;
  for (let j = 0; j < b.end_s.length; j++) {
    const found = findFrom(a, i, b, j);
    const limit = found < 0 ? i : found + 1;
    while (i < a.end_s.length && (i < limit || (found < 0 && at(a.end_s, i) < at(b.end_s, j)))) take(a, i++);
    if (found < 0) take(b, j);
  }
  while (i < a.end_s.length) take(a, i++);
  return { start_s: Float64Array.from(start), end_s: Float64Array.from(end) };
}

/** First frame from `from` on that equals `series[index]`, or −1. */
function findFrom(frames: Frames, from: number, series: Frames, index: number): number {
  const arrival_s = at(series.end_s, index);
  for (let f = from; f < frames.end_s.length && at(frames.end_s, f) <= arrival_s; f++) {
    if (isEqual(frames, f, series, index)) return f;
  }
  return -1;
}

function isEqual(a: Frames, i: number, b: Frames, j: number): boolean {
  return at(a.end_s, i) === at(b.end_s, j) && at(a.start_s, i) === at(b.start_s, j);
}

function isSame(a: Frames, b: Frames): boolean {
  if (a.start_s === b.start_s && a.end_s === b.end_s) return true;
  if (a.end_s.length !== b.end_s.length) return false;
  for (let i = 0; i < a.end_s.length; i++) if (!isEqual(a, i, b, i)) return false;
  return true;
}
