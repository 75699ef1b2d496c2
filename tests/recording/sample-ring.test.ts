import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SAMPLE_KINDS, type Sample } from '../../src/core/sample.ts';
import { SampleRing } from '../../src/recording/sample-ring.ts';
import { meanSample } from '../support/scripted-sampler.ts';

const double = fc.double({ noNaN: true });
const sample: fc.Arbitrary<Sample> = fc
  .record({
    domain: fc.constantFrom('cpu', 'gpu:0', 'ane', 'soc'),
    start_s: double,
    end_s: double,
    energy_J: double,
    kind: fc.constantFrom(...SAMPLE_KINDS),
    powers: fc.option(fc.record({ startPower_W: double, endPower_W: double }), { nil: undefined }),
  })
  .map(({ powers, ...rest }) => ({ ...rest, ...powers }));

/** Samples of one domain, end to end, with gaps here and there. */
const timeline = fc
  .array(
    fc.record({
      gap_s: fc.constantFrom(0, 0, 0.5),
      width_s: fc.integer({ min: 1, max: 8 }),
      power_W: fc.nat(50),
    }),
    {
      maxLength: 60,
    },
  )
  .map((steps) => {
    let now_s = 0;
    return steps.map(({ gap_s, width_s, power_W }) => {
      const start_s = now_s + gap_s;
      now_s = start_s + width_s / 8;
      return meanSample('cpu', start_s, now_s, (power_W * width_s) / 8);
    });
  });

describe('SampleRing', () => {
  test('between two drains it equals the tail of an array', () => {
    const flushes = fc.array(fc.array(sample, { maxLength: 40 }), { maxLength: 5 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 25 }), flushes, (capacity, pushes) => {
        const ring = new SampleRing(capacity);
        for (const pushed of pushes) {
          for (const each of pushed) ring.push(each);
          expect(ring.pending).toBe(Math.min(pushed.length, capacity));
          const { samples, dropped } = ring.drain();
          expect(samples).toEqual(pushed.slice(-capacity));
          const lost = dropped.reduce((sum, { count }) => sum + count, 0);
          expect(lost).toBe(pushed.length - samples.length);
        }
      }),
    );
  });

  test('what it drops is told by domain, with the span that is lost', () => {
    const ring = new SampleRing(2);
    ring.push(meanSample('cpu', 0, 1));
    ring.push(meanSample('gpu', 0, 1.5));
    ring.push(meanSample('cpu', 1, 2));
    ring.push(meanSample('cpu', 2, 3));
    ring.push(meanSample('cpu', 3, 4));
    expect(ring.drain().dropped).toEqual([
      { domain: 'cpu', count: 2, first_s: 0, last_s: 2 },
      { domain: 'gpu', count: 1, first_s: 0, last_s: 1.5 },
    ]);
    expect(ring.drain()).toEqual({ samples: [], dropped: [] });
  });

  test('overwriting what was drained already drops nothing', () => {
    const ring = new SampleRing(2);
    for (let at_s = 0; at_s < 10; at_s++) {
      ring.push(meanSample('cpu', at_s, at_s + 1));
      expect(ring.drain()).toEqual({ samples: [meanSample('cpu', at_s, at_s + 1)], dropped: [] });
    }
  });

  test('mean power equals the overlap-weighted mean of the tail of an array, drained or not', () => {
    fc.assert(
      fc.property(
        timeline,
        fc.integer({ min: 1, max: 30 }),
        fc.double({ min: -1, max: 40, noNaN: true }),
        fc.double({ min: 0, max: 20, noNaN: true }),
        (samples, capacity, from_s, length_s) => {
          const ring = new SampleRing(capacity);
          samples.forEach((each, index) => {
            ring.push(each);
            ring.push(meanSample('gpu', each.start_s, each.end_s, 1000));
            if (index % 7 === 0) ring.drain();
          });
          const to_s = from_s + length_s;
          const readable = samples.slice(-Math.floor(capacity / 2) || samples.length);
          let energy_J = 0;
          let covered_s = 0;
          for (const { start_s, end_s, energy_J: own_J } of readable) {
            const overlap_s = Math.max(0, Math.min(end_s, to_s) - Math.max(start_s, from_s));
            energy_J += (own_J / (end_s - start_s)) * overlap_s;
            covered_s += overlap_s;
          }
          const mean = ring.meanPower_W('cpu', from_s, to_s);
          if (capacity === 1 || covered_s === 0) expect(mean).toBeNull();
          else {
            expect(mean?.covered_s).toBeCloseTo(covered_s, 9);
            expect((mean?.power_W ?? -1) * covered_s).toBeCloseTo(energy_J, 6);
          }
        },
      ),
    );
  });

  test('the latest sample of a domain is gone once it is overwritten', () => {
    const ring = new SampleRing(3);
    ring.push(meanSample('ane', 0, 1));
    ring.push(meanSample('cpu', 0, 1));
    ring.push(meanSample('cpu', 1, 2));
    ring.drain();
    expect(ring.latest()).toEqual([meanSample('ane', 0, 1), meanSample('cpu', 1, 2)]);
    ring.push(meanSample('cpu', 2, 3));
    expect(ring.latest()).toEqual([meanSample('cpu', 2, 3)]);
    expect(ring.latestOf('ane')).toBeNull();
    expect(ring.latestOf('never')).toBeNull();
    expect(ring.meanPower_W('never', 0, 9)).toBeNull();
  });

  test('memory does not grow with what is pushed', () => {
    const ring = new SampleRing(1000);
    const pushMany = (): number => {
      for (let at_s = 0; at_s < 200_000; at_s++) ring.push(meanSample('cpu', at_s, at_s + 1));
      return process.memoryUsage().arrayBuffers;
    };
    const before_B = pushMany();
    expect(pushMany() - before_B).toBeLessThan(1_000_000);
    expect(ring.pending).toBe(1000);
  });
});
