import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PowerSummary, summaryLines } from '../../src/cli/power-summary.ts';
import type { Sample } from '../../src/core/sample.ts';

const sample = (start_s: number, end_s: number, energy_J: number, domain = 'soc'): Sample => ({
  domain,
  start_s,
  end_s,
  energy_J,
  kind: 'mean',
});

describe('PowerSummary', () => {
  test('is empty until something is added', () => {
    const summary = new PowerSummary();
    expect(summary.isEmpty()).toBe(true);
    expect(summary.rows()).toEqual([]);
    summary.add(sample(0, 1, 5));
    expect(summary.isEmpty()).toBe(false);
  });

  test('weighs power by time: one second of 10 W and nine of 1 W are 1.9 W', () => {
    const summary = new PowerSummary();
    summary.add(sample(0, 1, 10));
    summary.add(sample(1, 10, 9));
    expect(summary.rows()).toEqual([
      { domain: 'soc', samples: 2, min_W: 1, mean_W: 1.9, max_W: 10, energy_J: 19, covered_s: 10 },
    ]);
  });

  test('keeps domains apart, in order of appearance', () => {
    const summary = new PowerSummary();
    for (const domain of ['gpu', 'cpu', 'gpu']) summary.add(sample(0, 1, 1, domain));
    expect(summary.rows().map(({ domain, samples }) => [domain, samples])).toEqual([
      ['gpu', 2],
      ['cpu', 1],
    ]);
  });

  test('has least ≤ mean ≤ greatest power', () => {
    const widths = fc.array(
      fc.record({
        width_s: fc.double({ min: 0.01, max: 10, noNaN: true }),
        energy_J: fc.double({ min: 0, max: 1e4, noNaN: true }),
      }),
      { minLength: 1 },
    );
    fc.assert(
      fc.property(widths, (list) => {
        const summary = new PowerSummary();
        for (const { width_s, energy_J } of list) summary.add(sample(0, width_s, energy_J));
        for (const { min_W, mean_W, max_W } of summary.rows()) {
          expect(mean_W).toBeGreaterThanOrEqual(min_W * (1 - 1e-9));
          expect(mean_W).toBeLessThanOrEqual(max_W * (1 + 1e-9));
        }
      }),
    );
  });
});

describe('summaryLines', () => {
  test('says so where there is nothing', () => {
    expect(summaryLines([], 80)).toEqual(['No reading.']);
  });

  test('shows least, mean and greatest power, energy and time of each domain', () => {
    const summary = new PowerSummary();
    summary.add(sample(0, 2, 20));
    expect(summaryLines(summary.rows(), 80)).toEqual([
      'domain  samples  min W  mean W  max W  energy J  over s',
      'soc           1   10.0    10.0   10.0     20.00   2.000',
    ]);
  });
});
