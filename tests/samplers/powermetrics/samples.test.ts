import { describe, expect, test } from 'vitest';
import type { Reading } from '../../../samplers/powermetrics/reading.ts';
import { emptyReading } from '../../../samplers/powermetrics/reading.ts';
import { PowermetricsAccount } from '../../../samplers/powermetrics/samples.ts';
import type { Batch } from '../../../src/core/sample.ts';

/** 1516 mJ, 0 and 4 mJ in 1.016855 s, as power fields of six digits have it. Source: power-sources.md 2.3. */
function reading(changes: Partial<Reading> = {}): Reading {
  return {
    ...emptyReading(),
    isDelta: true,
    elapsed_ns: 1_016_855_000,
    hasProcessor: true,
    energy_mJ: { cpu: 1516, gpu: 4, ane: 0, dram: null },
    power_mW: { cpu: 1490.87, gpu: 3.9337, ane: 0, dram: null },
    combinedPower_mW: 1494.8,
    hasGpu: true,
    gpuFreq: 338,
    gpuIdleRatio: 0.99,
    gpuIdle_ns: 1_000_000_000,
    gpuUsed_ns: 16_855_000,
    machine: {
      hwModel: 'Mac16,5',
      osBuild: '25B78',
      clusters: [
        { name: 'E-Cluster', cores: 4 },
        { name: 'P-Cluster', cores: 4 },
      ],
    },
    ...changes,
  };
}

const batchOf = (changes: Partial<Reading> = {}): Batch =>
  new PowermetricsAccount().batchOf(reading(changes), 10);
const told = (batch: Batch) => batch.events.map((event) => `${event.code} ${event.domain}`);
const energies = (batch: Batch) => Object.fromEntries(batch.samples.map((one) => [one.domain, one.energy_J]));
const domain = (batch: Batch, id: string) => batch.domains?.find((one) => one.id === id);

describe('PowermetricsAccount', () => {
  test('a sound frame gives its rails and their sum, and no doubt', () => {
    const batch = batchOf();
    expect(energies(batch)).toEqual({ cpu: 1.516, gpu: 0.004, ane: 0, soc: 1.52 });
    expect(batch.events).toEqual([]);
  });

  test('observations carry pressure, GPU clock in Hz and what machine it is', () => {
    const values = Object.fromEntries(
      batchOf({ thermalPressure: 'Heavy' }).observations.map((one) => [one.name, one.value]),
    );
    expect(values).toEqual({
      hw_model: 'Mac16,5',
      kern_osversion: '25B78',
      thermal_pressure: 'Heavy',
      gpu_freq_Hz: 338e6,
      gpu_idleRatio: 0.99,
    });
  });

  test('power times elapsed stands in for a missing energy field', () => {
    const batch = batchOf({ energy_mJ: { cpu: null, gpu: 4, ane: 0, dram: null } });
    expect(energies(batch)['cpu']).toBeCloseTo(1.516, 5);
    expect(told(batch)).toEqual([]);
  });

  test.each([
    [
      'missing',
      {
        energy_mJ: { cpu: 1516, gpu: 4, ane: null, dram: null },
        power_mW: { cpu: null, gpu: null, ane: null, dram: null },
      },
    ],
    ['negative', { energy_mJ: { cpu: 1516, gpu: 4, ane: -1, dram: null } }],
  ])('a rail that is %s withholds itself and soc, and is named', (_what, changes) => {
    const batch = batchOf(changes);
    expect(Object.keys(energies(batch))).toEqual(['cpu', 'gpu']);
    expect(told(batch)).toEqual(['RAIL_MISSING ane', 'RAIL_MISSING soc']);
  });

  test('sums that overflow give no soc sample', () => {
    const batch = batchOf({ energy_mJ: { cpu: 1e308, gpu: 1.7e308, ane: 1.7e308, dram: null } });
    expect(batch.samples.every((sample) => Number.isFinite(sample.energy_J))).toBe(true);
  });

  test.each([[null], [0], [-5], [1e30]])('elapsed_ns of %s gives GARBAGE and no sample', (elapsed_ns) => {
    const batch = batchOf({ elapsed_ns });
    expect(batch.samples).toEqual([]);
    expect(told(batch)).toEqual(['GARBAGE null']);
  });

  test('totals since boot are no reading', () => {
    expect(batchOf({ isDelta: false }).samples).toEqual([]);
    expect(told(batchOf({ isDelta: false }))).toEqual(['GARBAGE null']);
  });

  test.each([
    ['within a millijoule and 0.1 %', 1492.3, []],
    ['beyond', 1497, ['COUNTER_DISAGREES cpu']],
    ['a thousandfold', 1_490_870, ['UNIT_SUSPECT cpu']],
    ['a two hundredfold', 298_174, ['COUNTER_DISAGREES cpu']],
  ])('power that differs %s', (_what, cpu, expected) => {
    expect(told(batchOf({ power_mW: { cpu, gpu: 3.9337, ane: 0, dram: null } }))).toEqual(expected);
  });

  test('energy in whole joules where millijoules are meant is known though rounding moves it', () => {
    const power_mW = { cpu: 7300, gpu: 3.9337, ane: 0, dram: null };
    const energy_mJ = { cpu: 7, gpu: 4, ane: 0, dram: null };
    expect(told(batchOf({ power_mW, energy_mJ }))).toContain('UNIT_SUSPECT cpu');
  });

  test('combined_power is checked against the sum of the rails', () => {
    expect(told(batchOf({ combinedPower_mW: 1600 }))).toEqual(['COUNTER_DISAGREES soc']);
  });

  test('power above the limit of the chip is named for the rail and for soc, and kept', () => {
    const batch = batchOf({
      energy_mJ: { cpu: 1516, gpu: 45_000, ane: 0, dram: null },
      power_mW: emptyReading().power_mW,
      combinedPower_mW: null,
    });
    expect(told(batch)).toEqual(['IMPLAUSIBLE_POWER gpu', 'IMPLAUSIBLE_POWER soc']);
    expect(energies(batch)['gpu']).toBe(45);
  });

  test('a GPU window off by more than 3 % is named with its amount and widens the declared misalignment', () => {
    const batch = batchOf({ gpuIdle_ns: 900_000_000 });
    expect(told(batch)).toEqual(['WINDOW_SKEW gpu']);
    expect(batch.events[0]?.detail).toContain('-9.8 %');
    expect(domain(batch, 'gpu')?.misalignment_s).toBeCloseTo(0.005 + 0.1, 9);
    expect(domain(batch, 'cpu')?.misalignment_s).toBe(0.005);
    const soc_s = domain(batch, 'soc')?.misalignment_s ?? Number.NaN;
    expect(soc_s * (60 + 40 + 16)).toBeCloseTo(0.005 * 116 + 0.1 * 40, 9);
  });

  test('domains are announced again when the skew grows, and only then', () => {
    const account = new PowermetricsAccount();
    const announced = [1_000_000_000, 1_000_000_000, 900_000_000, 920_000_000, 1_300_000_000].map(
      (gpuIdle_ns) => domain(account.batchOf(reading({ gpuIdle_ns }), 10), 'gpu')?.misalignment_s.toFixed(3),
    );
    expect(announced).toEqual(['0.005', undefined, '0.105', undefined, '0.305']);
  });

  test.each([
    ['not stated', { gpuIdle_ns: null, gpuUsed_ns: null }],
    ['empty', { gpuIdle_ns: 0, gpuUsed_ns: 0 }],
  ])(
    'a GPU window that is %s is no reading: no skew, no clock; the rail keeps its energy',
    (_what, changes) => {
      const batch = batchOf(changes);
      expect(told(batch)).toEqual([]);
      expect(batch.observations.map((one) => one.name)).toEqual(['hw_model', 'kern_osversion']);
      expect(energies(batch)['gpu']).toBe(0.004);
    },
  );

  test("without a processor the GPU block's own energy counts, unless its window is empty", () => {
    const alone = {
      hasProcessor: false,
      energy_mJ: emptyReading().energy_mJ,
      power_mW: emptyReading().power_mW,
      combinedPower_mW: null,
      gpuBlockEnergy_mJ: 9,
    };
    expect(energies(batchOf(alone))).toEqual({ gpu: 0.009 });
    expect(energies(batchOf({ ...alone, gpuIdle_ns: 0, gpuUsed_ns: 0 }))).toEqual({});
    expect(domain(batchOf(alone), 'soc')).toBeUndefined();
  });
});
