import { describe, expect, test } from 'vitest';
import { type Columns, coalesce } from '../../src/analyzer/publications.ts';

/** Readings of 0.5 s after one another. */
function readings(energies_J: readonly number[]): Columns {
  return {
    start_s: Float64Array.from(energies_J, (_, i) => i * 0.5),
    end_s: Float64Array.from(energies_J, (_, i) => (i + 1) * 0.5),
    energy_J: Float64Array.from(energies_J),
    startPower_W: new Float64Array(0),
    endPower_W: new Float64Array(0),
  };
}

const batches = Array.from({ length: 40 }, (_, i) => (i % 4 === 3 ? 8 : 0));

describe('coalesce', () => {
  test('joins the readings of an unchanged counter to the change that follows', () => {
    const { start_s, end_s, energy_J } = coalesce(readings([3, 0, 0, 9, 2]), 'counter', 1e-3);
    expect([...start_s]).toEqual([0, 0.5, 2]);
    expect([...end_s]).toEqual([0.5, 2, 2.5]);
    expect([...energy_J]).toEqual([3, 9, 2]);
  });

  test('keeps unfinished readings at the end, and does not join across a gap', () => {
    expect([...coalesce(readings([3, 0, 0]), 'counter', 1e-3).energy_J]).toEqual([3, 0]);
    const columns = {
      ...readings([3, 0, 9]),
      start_s: Float64Array.of(0, 0.5, 5),
      end_s: Float64Array.of(0.5, 1, 5.5),
    };
    expect([...coalesce(columns, 'counter', 1e-3).start_s]).toEqual([0, 0.5, 5]);
  });

  test('joins a mean source that publishes in regular batches', () => {
    const { energy_J, end_s } = coalesce(readings(batches), 'mean', 1e-3);
    expect(energy_J).toHaveLength(10);
    expect(end_s[0]).toBe(2);
    expect(energy_J.reduce((sum, energy) => sum + energy, 0)).toBe(80);
  });

  test('leaves a rail at rest alone: its zeros are readings', () => {
    const resting = readings(batches.map((energy) => energy / 4000));
    expect(coalesce(resting, 'mean', 1e-3)).toBe(resting);
    const irregular = readings([
      5, 0, 0, 0, 0, 0, 0, 5, 0, 5, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5, 5, 0, 0, 5,
    ]);
    expect(coalesce(irregular, 'mean', 1e-3)).toBe(irregular);
  });

  test('leaves gauges alone', () => {
    const columns = readings([0, 0, 1]);
    expect(coalesce(columns, 'gauge', 1e-3)).toBe(columns);
  });
});
