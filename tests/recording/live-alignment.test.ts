import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Batch } from '../../src/core/sample.ts';
import { alignLive, UNALIGNED } from '../../src/recording/live-alignment.ts';
import { batchOf, eventOf, meanSample } from '../support/scripted-sampler.ts';

function alignAll(batches: readonly Batch[]): Batch[] {
  let state = UNALIGNED;
  return batches.map((batch) => {
    const next = alignLive(state, batch);
    state = next.state;
    return next.batch;
  });
}

const endsOf = (batches: readonly Batch[]): number[] =>
  batches.flatMap(({ samples }) => samples.map((s) => s.end_s));

/** Frames of true width, each arriving a while after it ended. */
function arriving(width_s: number, delays_s: readonly number[]): Batch[] {
  return delays_s.map((delay_s, index) => {
    const arrival_s = (index + 1) * width_s + delay_s;
    return batchOf([meanSample('cpu', arrival_s - width_s, arrival_s, 3)]);
  });
}

describe('alignLive', () => {
  test('a frame that arrives late is moved back to where the chain of widths puts it', () => {
    const ends_s = endsOf(alignAll(arriving(1, [0.1, 0.3, 0.1, 0.2])));
    [1.1, 2.1, 3.1, 4.1].forEach((end_s, index) => {
      expect(ends_s[index]).toBeCloseTo(end_s, 12);
    });
  });

  test('a lower delay than any before moves later frames, not the earlier ones', () => {
    const ends_s = endsOf(alignAll(arriving(1, [0.3, 0.3, 0.1, 0.4])));
    [1.3, 2.3, 3.1, 4.1].forEach((end_s, index) => {
      expect(ends_s[index]).toBeCloseTo(end_s, 12);
    });
  });

  test('with a delay that never changes, nothing moves', () => {
    const batches = arriving(0.5, [0.25, 0.25, 0.25, 0.25]);
    expect(alignAll(batches)).toEqual(batches);
  });

  test('no sample moves forward, none changes its width or energy, and the residual is at most the jitter', () => {
    const jitter = fc.array(fc.double({ min: 0, max: 0.4, noNaN: true }), { minLength: 1, maxLength: 80 });
    fc.assert(
      fc.property(jitter, (delays_s) => {
        const batches = arriving(1, delays_s);
        const aligned = alignAll(batches);
        aligned.forEach((batch, index) => {
          const [was, is] = [batches[index]?.samples[0], batch.samples[0]];
          if (was === undefined || is === undefined) throw new Error('a sample is missing');
          expect(is.end_s).toBeLessThanOrEqual(was.end_s + 1e-9);
          expect(is.end_s - is.start_s).toBeCloseTo(1, 9);
          expect(is.energy_J).toBe(was.energy_J);
          const least_s = Math.min(...delays_s.slice(0, index + 1));
          expect(is.end_s).toBeCloseTo(index + 1 + least_s, 9);
        });
      }),
    );
  });

  test.each(['GAP', 'SAMPLER_DIED', 'GARBAGE'] as const)('%s begins a new chain', (code) => {
    const lost = [
      ...arriving(1, [0.1, 0.1]),
      batchOf([], { events: [eventOf(code, 2.5)] }),
      batchOf([meanSample('cpu', 4.2, 5.2)]),
    ];
    expect(endsOf(alignAll(lost)).at(-1)).toBe(5.2);
  });

  test('a stall is a delay, not a loss: what arrives in a burst afterwards goes back to its place', () => {
    const burst = [
      ...arriving(1, [0.1]),
      batchOf([], { events: [eventOf('SAMPLER_STALLED', 3.2)] }),
      batchOf([meanSample('cpu', 2.5, 3.5)]),
      batchOf([meanSample('cpu', 2.5, 3.5)]),
    ];
    const ends_s = endsOf(alignAll(burst));
    expect(ends_s[1]).toBeCloseTo(2.1, 12);
    expect(ends_s[2]).toBeCloseTo(3.1, 12);
  });

  test('thirty frames in a row later than half a width are taken for a loss nobody told of', () => {
    const delays_s = [0.1, ...Array<number>(40).fill(1.1)];
    const ends_s = endsOf(alignAll(arriving(1, delays_s)));
    expect(ends_s[29]).toBeCloseTo(30.1, 9);
    expect(ends_s[30]).toBeCloseTo(32.1, 9);
    expect(ends_s[40]).toBeCloseTo(42.1, 9);
  });

  test('rails of one frame move together, also one whose own window is narrower', () => {
    const frames = [
      ...arriving(1, [0]),
      batchOf([meanSample('cpu', 1.25, 2.25), meanSample('gpu', 1.5, 2.25)]),
    ];
    expect(alignAll(frames)[1]?.samples).toEqual([meanSample('cpu', 1, 2), meanSample('gpu', 1.25, 2, 0.75)]);
  });

  test('counters and gauges keep their own times', () => {
    const counter = { ...meanSample('package:0', 0.7, 1.7), kind: 'counter' as const };
    const batches = [...arriving(1, [0]), batchOf([counter, meanSample('cpu', 1.5, 2.5)])];
    expect(alignAll(batches)[1]?.samples).toEqual([counter, meanSample('cpu', 1, 2)]);
  });
});
