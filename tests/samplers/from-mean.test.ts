import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sampleFromMean } from '../../samplers/from-mean.ts';

describe('sampleFromMean', () => {
  test('a reading ends at its arrival and is as wide as the source says', () => {
    expect(sampleFromMean({ domain: 'cpu', energy_J: 3, width_s: 0.5, arrival_s: 10 })).toEqual({
      domain: 'cpu',
      start_s: 9.5,
      end_s: 10,
      energy_J: 3,
      kind: 'mean',
    });
  });

  test('whatever it is given, a sample is sound or absent', () => {
    fc.assert(
      fc.property(fc.double(), fc.double(), fc.double(), (energy_J, width_s, arrival_s) => {
        const sample = sampleFromMean({ domain: 'cpu', energy_J, width_s, arrival_s });
        if (sample === null) return;
        expect(sample.energy_J).toBeGreaterThanOrEqual(0);
        expect(Number.isFinite(sample.energy_J) && Number.isFinite(sample.start_s)).toBe(true);
        expect(sample.end_s).toBeGreaterThan(sample.start_s);
      }),
    );
  });

  test.each([
    [-1, 1],
    [Number.NaN, 1],
    [Number.POSITIVE_INFINITY, 1],
    [1, 0],
    [1, -1],
    [1, Number.NaN],
  ])('%d J over %d s is none', (energy_J, width_s) => {
    expect(sampleFromMean({ domain: 'cpu', energy_J, width_s, arrival_s: 10 })).toBeNull();
  });
});
