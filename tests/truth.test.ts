import { describe, expect, test } from 'vitest';
import { seededRandom } from './support/seeded-random.ts';
import { type VirtualRun, virtualRun } from './support/virtual-run.ts';

/** Simulated meter text → parser → analyzer, against the closed-form energy of the simulated machine. */
describe('the reported energy against the truth', () => {
  const runs = manyRuns(120);

  test('8 % power noise and at least ten readings: gross within 1 %, net within 2 % at the 95th percentile', () => {
    expect(Math.min(...runs.map(({ row }) => row.publications))).toBeGreaterThanOrEqual(10);
    expect(percentile95(runs.map((run) => relative(run.row.gross_J, run.truth.gross_J)))).toBeLessThan(0.01);
    expect(percentile95(runs.map((run) => relative(run.row.net_J, run.truth.net_J)))).toBeLessThan(0.02);
  });

  test('the truth lies inside the printed bound', () => {
    const outside = runs.filter(({ row, truth }) => {
      const bound_J = row.uncertainty.bound_J ?? Number.NaN;
      return !(Math.abs((row.gross_J ?? Number.NaN) - truth.gross_J) <= bound_J);
    });
    expect(outside).toEqual([]);
  });

  test.each([1, 2, 3])(
    'the same physics read at 100 to 2000 ms agrees within the sum of the bounds (machine %i)',
    (seed) => {
      const rows = [100, 250, 500, 1000, 2000].map(
        (interval_ms) => virtualRun({ seed, interval_ms, lag_s: 0.12, start_s: 5, answer_s: 24 }).row,
      );
      for (const a of rows) {
        for (const b of rows) {
          const apart_J = Math.abs((a.gross_J ?? Number.NaN) - (b.gross_J ?? Number.NaN));
          expect(apart_J).toBeLessThanOrEqual((a.uncertainty.bound_J ?? 0) + (b.uncertainty.bound_J ?? 0));
        }
      }
    },
  );
});

/** Answers of 3.2 to 6 s at 250 ms, lags to 200 ms, every start somewhere else in the meter's rhythm. */
function manyRuns(count: number): VirtualRun[] {
  const random = seededRandom(20_261_122);
  return Array.from({ length: count }, (_, i) =>
    virtualRun({
      seed: i + 1,
      interval_ms: 250,
      lag_s: random.between(0.02, 0.2),
      start_s: 5 + random.next(),
      answer_s: random.between(3.2, 6),
    }),
  );
}

function relative(measured: number | null, truth: number): number {
  return Math.abs((measured ?? Number.NaN) / truth - 1);
}

/** NaN sorts last, so that a missing figure fails. */
function percentile95(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => (Number.isNaN(a) ? 1 : Number.isNaN(b) ? -1 : a - b));
  return sorted.some(Number.isNaN) ? Number.NaN : (sorted[Math.ceil(0.95 * sorted.length) - 1] ?? Number.NaN);
}
