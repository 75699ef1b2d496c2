import { describe, expect, test } from 'vitest';
import { GpuMeter } from '../../../samplers/gpu/meter.ts';
import type { GpuReading, GpuSource, PowerField } from '../../../samplers/gpu/reading.ts';
import { SensorTiming } from '../../../samplers/gpu/sensor-timing.ts';

const FIELD: PowerField = {
  label: 'power.draw',
  power_W: 0,
  word: null,
  kind: 'averaged',
  averaging_s: 1,
  update_s: 0.1,
  scope: 'board',
};

/** A load that comes and goes every 8 s, in a mean over τ, renewed each `update_s`. */
function power_W(at_s: number, averaging_s: number, update_s: number): number {
  const t_s = Math.floor(at_s / update_s + 1e-9) * update_s;
  const into_s = t_s % 16;
  const part = into_s < 8 ? Math.min(1, into_s / averaging_s) : Math.max(0, 1 - (into_s - 8) / averaging_s);
  return Number((40 + 260 * part + 0.3 * Math.sin(12.9898 * Math.round(t_s / update_s))).toFixed(2));
}

function heard(
  duration_s: number,
  sensor: { readonly averaging_s: number; readonly update_s: number },
  interval_s = 0.02,
): SensorTiming {
  const timing = new SensorTiming(FIELD);
  const from_s = 12;
  for (let i = 0; i * interval_s < duration_s; i++) {
    const at_s = from_s + i * interval_s;
    timing.read(at_s, power_W(at_s, sensor.averaging_s, sensor.update_s));
  }
  return timing;
}

describe('SensorTiming', () => {
  test('what is known stands until the stream shows something', () => {
    const timing = new SensorTiming(FIELD);
    expect([timing.update_s, timing.averaging_s]).toEqual([0.1, 1]);
    expect(timing.facts).toEqual({ known_update_s: 0.1, known_averaging_s: 1, step_response_s: null });
  });

  test('the period of runs of equal readings goes before the table', () => {
    expect(heard(10, { averaging_s: 1, update_s: 0.2 }).update_s).toBeCloseTo(0.2, 6);
    expect(heard(10, { averaging_s: 1, update_s: 0.04 }).update_s).toBeCloseTo(0.04, 6);
  });

  test('where every reading is new, the asking bounds the sensor and no more', () => {
    expect(heard(10, { averaging_s: 1, update_s: 0.02 }).update_s).toBeCloseTo(0.02, 6);
    expect(heard(60, { averaging_s: 1, update_s: 0.5 }, 0.5).update_s).toBe(0.1);
  });

  test('one sharp edge shortens the averaging time, and three may lengthen it', () => {
    const quick = { averaging_s: 0.2, update_s: 0.02 };
    expect(heard(7, quick).averaging_s).toBeCloseTo(0.2, 1);
    const slow = { averaging_s: 2, update_s: 0.1 };
    expect(heard(8, slow).averaging_s).toBe(1);
    expect(heard(40, slow).averaging_s).toBeGreaterThan(1.8);
    expect(heard(40, slow).averaging_s).toBeLessThan(2.2);
  });
});

describe('a board whose sensor is quicker than its table', () => {
  const source: GpuSource = {
    source: 'nvidia-smi',
    systematicRatio: 0.05,
    powerStep_W: 0.01,
    energyStep_J: 0.001,
    energyScope: 'counter',
    transport_s: 0.005,
    instead: () => '',
  };
  const readingOf = (value_W: number): GpuReading => ({
    index: 0,
    name: 'Board',
    powers: [{ ...FIELD, power_W: value_W }],
    energy_J: null,
    limit_W: 450,
    loadRatio: null,
    slowedBy: [],
    facts: {},
  });

  test('is declared as it was measured, anew when that is known, and both are observed', () => {
    const meter = new GpuMeter(source, 0);
    meter.read(readingOf(power_W(12, 0.2, 0.02)), 12);
    expect(meter.domain).toMatchObject({ averaging_s: 1, misalignment_s: 0.005 + 0.05 + 0.5 });
    let announced = 0;
    let facts = {};
    for (let i = 1; i < 1000; i++) {
      const at_s = 12 + i * 0.02;
      const news = meter.read(readingOf(power_W(at_s, 0.2, 0.02)), at_s);
      if (news.announce) announced += 1;
      facts = { ...facts, ...news.facts };
    }
    expect(meter.domain?.averaging_s).toBeCloseTo(0.2, 1);
    expect(meter.domain?.misalignment_s).toBeLessThan(0.14);
    expect(announced).toBeGreaterThan(0);
    expect(announced).toBeLessThan(6);
    expect(facts).toMatchObject({ known_averaging_s: 1, known_update_s: 0.1 });
    expect(facts).toHaveProperty('step_response_s', meter.domain?.averaging_s);
  });
});
