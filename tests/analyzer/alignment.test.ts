import { describe, expect, test } from 'vitest';
import { alignFrames, residualAt_s } from '../../src/analyzer/alignment.ts';
import type { Frames } from '../../src/analyzer/frames.ts';
import { type SeededRandom, seededRandom } from '../support/seeded-random.ts';

interface Stream {
  readonly frames: Frames;
  /** True end of each frame that arrived. */
  readonly true_s: Float64Array;
  /** Indexes, among the frames that arrived, of the first after each loss. */
  readonly afterLoss: readonly number[];
}

interface StreamSettings {
  readonly frames: number;
  readonly interval_s: number;
  /** Rate of the run's clock against the source's. */
  readonly rate?: number;
  readonly delay_s: (frame: number) => number;
  /** Frames at which the reader stalls for this long. */
  readonly stall_s?: (frame: number) => number;
  readonly isLost?: (frame: number) => boolean;
  readonly random: SeededRandom;
}

/** A source that writes frames of jittered width into a pipe that keeps their order. */
function streamOf(settings: StreamSettings): Stream {
  const { interval_s, rate = 0, random } = settings;
  const start: number[] = [];
  const end: number[] = [];
  const true_s: number[] = [];
  const afterLoss: number[] = [];
  let own_s = 100;
  let readable_s = 0;
  let hasLost = false;
  for (let frame = 0; frame < settings.frames; frame++) {
    const width_s = interval_s * (1 + random.between(0, 0.08));
    own_s += width_s;
    const now_s = own_s * (1 + rate);
    if (settings.isLost?.(frame) === true) {
      hasLost = true;
      continue;
    }
    readable_s = Math.max(readable_s, now_s + (settings.stall_s?.(frame) ?? 0));
    const arrival_s = Math.max(end.at(-1) ?? 0, readable_s, now_s + settings.delay_s(frame));
    if (hasLost) afterLoss.push(end.length);
    hasLost = false;
    start.push(arrival_s - width_s);
    end.push(arrival_s);
    true_s.push(now_s);
  }
  return {
    frames: { start_s: Float64Array.from(start), end_s: Float64Array.from(end) },
    true_s: Float64Array.from(true_s),
    afterLoss,
  };
}

function worst_s(ends_s: Float64Array, true_s: Float64Array): number {
  let worst = 0;
  for (let i = 0; i < ends_s.length; i++)
    worst = Math.max(worst, Math.abs((ends_s[i] ?? 0) - (true_s[i] ?? 0)));
  return worst;
}

/** Indexes of frames that do not touch their predecessor. */
function gapsOf({ start_s, end_s }: Frames): number[] {
  const gaps: number[] = [];
  for (let i = 1; i < end_s.length; i++) if ((start_s[i] ?? 0) - (end_s[i - 1] ?? 0) > 1e-3) gaps.push(i);
  return gaps;
}

describe('alignFrames', () => {
  test('24 hours at 50 ppm with exponential delays and stalls of 300 ms: within 3 ms, no false break', () => {
    const random = seededRandom(3);
    const { frames, true_s } = streamOf({
      frames: 86_400 * 2,
      interval_s: 0.5,
      rate: 50e-6,
      random,
      delay_s: () => random.exponential(5e-3),
      stall_s: () => (random.next() < 0.002 ? 0.3 : 0),
    });
    const aligned = alignFrames(frames, []);
    expect(worst_s(aligned.end_s, true_s)).toBeLessThan(3e-3);
    expect(gapsOf(aligned)).toEqual([]);
    expect(aligned.segments).toHaveLength(1);
    expect(aligned.mismatches).toEqual([]);
    expect(aligned.poor).toBe(false);
  });

  test('a rate of −50 ppm at 100 ms is followed as well', () => {
    const random = seededRandom(4);
    const { frames, true_s } = streamOf({
      frames: 40_000,
      interval_s: 0.1,
      rate: -50e-6,
      random,
      delay_s: () => random.exponential(5e-3),
      stall_s: () => (random.next() < 0.001 ? 0.3 : 0),
    });
    expect(worst_s(alignFrames(frames, []).end_s, true_s)).toBeLessThan(3e-3);
  });

  test('a segment too short for a clock rate of its own takes the rate of the longest one', () => {
    const random = seededRandom(14);
    const { frames, true_s } = streamOf({
      frames: 4000,
      interval_s: 0.5,
      rate: 50e-6,
      random,
      delay_s: () => random.exponential(2e-3),
      isLost: (frame) => frame === 3500,
    });
    const aligned = alignFrames(frames, []);
    expect(aligned.segments).toHaveLength(2);
    // 500 frames are 250 s: at 50 ppm their ends would lie 6 ms off.
    expect(worst_s(aligned.end_s, true_s)).toBeLessThan(1e-3);
  });

  test.each([0.1, 0.5, 1])('every dropped frame is found at %f s with jitter up to 20 ms', (interval_s) => {
    const random = seededRandom(5);
    const { frames, true_s, afterLoss } = streamOf({
      frames: 6000,
      interval_s,
      random,
      delay_s: () => random.between(0, 0.02),
      isLost: (frame) => frame % 97 === 50,
    });
    const aligned = alignFrames(frames, []);
    expect(gapsOf(aligned)).toEqual(afterLoss);
    expect(worst_s(aligned.end_s, true_s)).toBeLessThan(0.02);
  });

  test('frames that arrive in one burst after a stall get their own places back', () => {
    const random = seededRandom(6);
    const { frames, true_s } = streamOf({
      frames: 200,
      interval_s: 0.1,
      random,
      delay_s: () => random.exponential(1e-3),
      stall_s: (frame) => (frame === 100 ? 1 : 0),
    });
    const aligned = alignFrames(frames, []);
    expect(gapsOf(aligned)).toEqual([]);
    expect(worst_s(aligned.end_s, true_s)).toBeLessThan(3e-3);
  });

  test('a loss that the parser knows of begins a new segment, however short', () => {
    const random = seededRandom(8);
    const { frames, true_s, afterLoss } = streamOf({
      frames: 30,
      interval_s: 0.5,
      random,
      delay_s: () => random.exponential(1e-3),
      isLost: (frame) => frame === 25 || frame === 26,
    });
    const loss_s = (true_s[24] ?? 0) + 0.6;
    const aligned = alignFrames(frames, [loss_s]);
    expect(gapsOf(aligned)).toEqual(afterLoss);
    expect(worst_s(aligned.end_s, true_s)).toBeLessThan(0.01);
    expect(residualAt_s(aligned.segments, 1e9)).toBeGreaterThan(residualAt_s(aligned.segments, 0));
  });

  test('a known event without a loss opens no gap', () => {
    const random = seededRandom(9);
    const { frames } = streamOf({
      frames: 400,
      interval_s: 0.5,
      random,
      delay_s: () => random.exponential(1e-3),
    });
    expect(gapsOf(alignFrames(frames, [frames.end_s[200] ?? 0]))).toEqual([]);
  });

  test('a frame that came twice is a mismatch of widths and time, there and not elsewhere', () => {
    const random = seededRandom(10);
    const { frames } = streamOf({
      frames: 200,
      interval_s: 0.5,
      random,
      delay_s: () => random.exponential(1e-3),
    });
    const twice = (values: Float64Array): Float64Array =>
      Float64Array.from([...values.slice(0, 100), values[99] ?? 0, ...values.slice(100)]);
    const { mismatches } = alignFrames({ start_s: twice(frames.start_s), end_s: twice(frames.end_s) }, []);
    expect(mismatches).toHaveLength(1);
    expect(Math.abs((mismatches[0]?.start_s ?? 0) - (frames.end_s[99] ?? 0))).toBeLessThan(1.1);
  });

  test('widths that are 5 % wrong are a mismatch throughout', () => {
    const ends_s = Float64Array.from({ length: 2000 }, (_, i) => (i + 1) * 0.5);
    const { mismatches, start_s } = alignFrames(
      { start_s: ends_s.map((t_s) => t_s - 0.475), end_s: ends_s },
      [],
    );
    expect(mismatches).toEqual([{ start_s: start_s[0], end_s: expect.closeTo(1000, 0) }]);
  });

  test('arrivals that scatter more than half a width are called poor', () => {
    const random = seededRandom(12);
    const { frames } = streamOf({
      frames: 2000,
      interval_s: 0.1,
      random,
      delay_s: () => random.between(0, 0.08),
    });
    expect(alignFrames(frames, []).poor).toBe(true);
  });

  test('the stated residual holds the real one', () => {
    for (let seed = 20; seed < 40; seed++) {
      const random = seededRandom(seed);
      const { frames, true_s } = streamOf({
        frames: 60,
        interval_s: 0.5,
        random,
        delay_s: () => random.exponential(0.01),
      });
      const aligned = alignFrames(frames, []);
      expect(worst_s(aligned.end_s, true_s)).toBeLessThan(3 * residualAt_s(aligned.segments, 0));
    }
  });

  test('a single frame stays where it arrived', () => {
    const one = { start_s: Float64Array.of(1), end_s: Float64Array.of(1.5) };
    expect(alignFrames(one, [])).toMatchObject({ start_s: Float64Array.of(1), end_s: Float64Array.of(1.5) });
  });
});
