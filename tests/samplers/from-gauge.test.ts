import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { GaugeChain } from '../../samplers/from-gauge.ts';
import type { Sample } from '../../src/core/sample.ts';

function samplesOf(readings: readonly (readonly [at_s: number, power_W: number | null])[]): Sample[] {
  const chain = new GaugeChain('gpu:0', 'gauge');
  return readings.flatMap(([at_s, power_W]) => chain.read(at_s, power_W) ?? []);
}

describe('GaugeChain', () => {
  test('two readings make one sample, a trapezoid with the power at both ends', () => {
    expect(
      samplesOf([
        [10, 100],
        [10.5, 200],
      ]),
    ).toEqual([
      {
        domain: 'gpu:0',
        start_s: 10,
        end_s: 10.5,
        energy_J: 75,
        kind: 'gauge',
        startPower_W: 100,
        endPower_W: 200,
      },
    ]);
  });

  test('equal readings are samples as any other', () => {
    const samples = samplesOf([
      [0, 50],
      [1, 50],
      [2, 50],
    ]);
    expect(samples.map((sample) => sample.energy_J)).toEqual([50, 50]);
  });

  test.each([null, Number.NaN, -1, Number.POSITIVE_INFINITY])(
    'a reading of %s breaks the chain: no sample touches it, and none is zero',
    (missing) => {
      const samples = samplesOf([
        [0, 10],
        [1, 10],
        [2, missing],
        [3, 10],
        [4, 10],
      ]);
      expect(samples.map(({ start_s, end_s }) => [start_s, end_s])).toEqual([
        [0, 1],
        [3, 4],
      ]);
    },
  );

  test('a silence far beyond the usual distance is a gap', () => {
    const samples = samplesOf([
      [0, 10],
      [0.1, 10],
      [0.2, 10],
      [5, 10],
      [5.1, 10],
    ]);
    expect(samples.map((sample) => sample.end_s)).toEqual([0.1, 0.2, 5.1]);
  });

  test('a meter that slows down for good is followed', () => {
    const slow = Array.from({ length: 20 }, (_, i) => [1 + 5 * i, 10] as const);
    const samples = samplesOf([[0, 10], [0.5, 10], ...slow]);
    expect(samples.at(-1)).toMatchObject({ start_s: 91, end_s: 96 });
  });

  test('of readings at one instant the last counts; one from the past is passed over', () => {
    const samples = samplesOf([
      [0, 10],
      [0, 30],
      [-1, 99],
      [1, 50],
    ]);
    expect(samples).toMatchObject([{ start_s: 0, end_s: 1, energy_J: 40 }]);
  });

  test('whatever is read, samples are ordered, disjoint, finite and not negative', () => {
    const reading = fc.tuple(fc.double(), fc.option(fc.double()));
    fc.assert(
      fc.property(fc.array(reading, { maxLength: 40 }), (readings) => {
        let end_s = Number.NEGATIVE_INFINITY;
        for (const sample of samplesOf(readings)) {
          expect(sample.start_s).toBeGreaterThanOrEqual(end_s);
          expect(sample.end_s).toBeGreaterThan(sample.start_s);
          expect(sample.energy_J).toBeGreaterThanOrEqual(0);
          expect(Number.isFinite(sample.energy_J)).toBe(true);
          end_s = sample.end_s;
        }
      }),
    );
  });

  test('the energy of a straight line is exact however it is cut', () => {
    const cuts = fc.uniqueArray(fc.integer({ min: 1, max: 999 }), { maxLength: 50 });
    fc.assert(
      fc.property(cuts, (inner) => {
        const times_s = [0, ...inner.map((at) => at / 1000), 1].sort((a, b) => a - b);
        const energy_J = samplesOf(times_s.map((at_s) => [at_s, 20 + 60 * at_s])).reduce(
          (sum_J, sample) => sum_J + sample.energy_J,
          0,
        );
        expect(energy_J).toBeCloseTo(50, 9);
      }),
    );
  });
});
