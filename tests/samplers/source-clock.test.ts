import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SourceClock } from '../../samplers/source-clock.ts';

function places(readings: readonly (readonly [arrival_s: number, stamp_s: number | null])[], coarse = false) {
  const clock = new SourceClock({ coarse });
  return readings.map(([arrival_s, stamp_s]) => clock.at_s(arrival_s, stamp_s));
}

describe('SourceClock', () => {
  test('without stamps a reading is where it arrived', () => {
    expect(
      places([
        [5, null],
        [6, null],
        [6, null],
      ]),
    ).toEqual([5, 6, 6]);
  });

  test('readings that a full pipe delivered together lie where their own steps put them', () => {
    expect(
      places([
        [10, 100],
        [12, 101],
        [12, 101.5],
        [12, 102],
      ]),
    ).toEqual([10, 11, 11.5, 12]);
  });

  test('a late arrival does not move a reading; no reading lies after its arrival', () => {
    expect(
      places([
        [10, 100],
        [11.4, 101],
        [12, 102],
        [12.9, 103],
      ]),
    ).toEqual([10, 11, 12, 12.9]);
  });

  test('a clock that was set is not believed: the arrival counts', () => {
    expect(
      places([
        [10, 100],
        [11, 50],
        [12, 51],
        [13, 4000],
        [14, 4001],
      ]),
    ).toEqual([10, 11, 12, 13, 14]);
  });

  test('a clock that runs slow by 500 ppm is caught up with', () => {
    const clock = new SourceClock();
    let worst_s = 0;
    for (let k = 0; k < 36_000; k++) {
      const arrival_s = k * 0.1;
      worst_s = Math.max(worst_s, arrival_s - clock.at_s(arrival_s, arrival_s * (1 - 500e-6)));
    }
    expect(worst_s).toBeGreaterThan(0);
    expect(worst_s).toBeLessThan(0.01);
  });

  test('recorded bytes, which all arrive at once, have the time of their stamps', () => {
    expect(
      places([
        [0, 100],
        [0, 101],
        [0, 103],
        [0, null],
      ]),
    ).toEqual([0, 1, 3, 3]);
  });

  test('stamps in whole seconds only tell apart what was recorded', () => {
    const recorded = [
      [0, 100],
      [0, 101],
      [0, 102],
    ] as const;
    expect(places(recorded, true)).toEqual([0, 1, 2]);
  });

  test('nothing is placed after its arrival, whatever its stamp says', () => {
    const live = [
      [10.2, 100],
      [11.3, 101],
      [11.3, 160],
      [12.4, 162],
    ] as const;
    expect(places(live, true)).toEqual([10.2, 11.3, 11.3, 12.4]);
    expect(places(live)).toEqual([10.2, 11.2, 11.3, 12.4]);
  });

  test('whatever a source stamps, time never runs backwards', () => {
    const steps = fc.array(fc.tuple(fc.double({ min: 0, max: 5, noNaN: true }), fc.option(fc.double())));
    fc.assert(
      fc.property(steps, (readings) => {
        let arrival_s = 0;
        let last_s = Number.NEGATIVE_INFINITY;
        const clock = new SourceClock();
        for (const [step_s, stamp_s] of readings) {
          arrival_s += step_s;
          const at_s = clock.at_s(arrival_s, stamp_s);
          expect(at_s).toBeGreaterThanOrEqual(last_s);
          last_s = at_s;
        }
      }),
    );
  });
});
