import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { groupByFrames } from '../../src/analyzer/frames.ts';
import type { SampleSeries } from '../../src/core/sample.ts';

/** Frames 0 … n−1 of half a second, but for the missing ones; some arrive together in one read. */
function seriesOf(domain: string, count: number, missing: ReadonlySet<number>): SampleSeries {
  const kept = Array.from({ length: count }, (_, i) => i).filter((i) => !missing.has(i));
  const arrival = (i: number): number => (i % 5 === 3 ? i + 1 : i);
  const none = new Float64Array(0);
  return {
    domain,
    kind: 'mean',
    start_s: Float64Array.from(kept, (i) => arrival(i) - 0.9 - 0.001 * (i % 7)),
    end_s: Float64Array.from(kept, arrival),
    energy_J: Float64Array.from(kept, (i) => i),
    startPower_W: none,
    endPower_W: none,
  };
}

const few = fc.uniqueArray(fc.nat(49), { maxLength: 12 });

describe('groupByFrames', () => {
  test('domains of the same frames share one group without copying', () => {
    const [cpu, gpu] = [seriesOf('cpu', 50, new Set()), seriesOf('gpu', 50, new Set())];
    const groups = groupByFrames([cpu, gpu]);
    expect(groups).toHaveLength(1);
    expect(groups[0]?.frames).toBe(cpu);
    expect(groups[0]?.members.map((member) => member.indexes)).toEqual([null, null]);
  });

  test('a rail that is missing in some frames keeps the places of those it has', () => {
    fc.assert(
      fc.property(few, few, (lostByCpu, lostByGpu) => {
        const cpu = seriesOf('cpu', 50, new Set(lostByCpu));
        const gpu = seriesOf('gpu', 50, new Set(lostByGpu));
        const groups = groupByFrames([cpu, gpu]);
        expect(groups).toHaveLength(1);
        const lostByBoth = lostByCpu.filter((i) => lostByGpu.includes(i));
        const all = seriesOf('all', 50, new Set(lostByBoth));
        const { frames, members } = groups[0] ?? { frames: all, members: [] };
        expect(frames.end_s).toEqual(all.end_s);
        // Of two frames that arrived together, each known to one rail alone, the order cannot be known.
        expect([...frames.start_s].sort()).toEqual([...all.start_s].sort());
        for (const { series, indexes } of members) {
          const places = [...(indexes ?? series.end_s.keys())];
          expect(places.map((frame) => frames.end_s[frame])).toEqual([...series.end_s]);
          expect(places.map((frame) => frames.start_s[frame])).toEqual([...series.start_s]);
        }
      }),
      { numRuns: 200 },
    );
  });

  test('domains with windows of their own get a group of their own', () => {
    const cpu = seriesOf('cpu', 50, new Set());
    const other = { ...cpu, domain: 'gpu', end_s: cpu.end_s.map((t_s) => t_s + 0.25), start_s: cpu.end_s };
    expect(groupByFrames([cpu, other])).toHaveLength(2);
  });
});
