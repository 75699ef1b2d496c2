import { describe, expect, test } from 'vitest';
import { createMacmonParser, createMacmonSampler } from '../../samplers/macmon.ts';
import { batchesAt, batchesOf, codesIn, domainsIn, powerOf, samplesIn } from '../support/batches.ts';

function line(seconds: number, given: Record<string, unknown> = {}): string {
  return JSON.stringify({
    timestamp: `2026-02-24T20:38:${seconds.toFixed(6).padStart(9, '0')}+00:00`,
    temp: { cpu_temp_avg: 43.7, gpu_temp_avg: 36.9 },
    cpu_active_ratio: 0.2,
    gpu_active_ratio: 0.9,
    gpu_freq_mhz: 461,
    cpu_power: 4,
    gpu_power: 10,
    ane_power: 0,
    all_power: 14,
    sys_power: 25,
    ram_power: 1.5,
    ...given,
  });
}

describe('macmon lines', () => {
  test('power over the time since the line before is the mean of each rail, their sum the soc', () => {
    const batches = batchesAt(createMacmonParser(), [
      [100, line(10)],
      [100.5, line(10.5)],
    ]);
    const read = samplesIn(batches).map((sample) => [sample.domain, powerOf(sample), sample.kind]);
    expect(read).toEqual([
      ['cpu', 4, 'mean'],
      ['gpu', 10, 'mean'],
      ['ane', 0, 'mean'],
      ['soc', 14, 'mean'],
      ['dram', 1.5, 'mean'],
      ['system', 25, 'mean'],
    ]);
    expect(samplesIn(batches, 'soc')[0]).toMatchObject({ start_s: 100, end_s: 100.5 });
    expect(domainsIn(batches).map(({ id, parent, rank }) => [id, parent, rank])).toContainEqual([
      'system',
      null,
      3,
    ]);
  });

  test('two lines that a full pipe delivered together are placed by their own stamps', () => {
    const batches = batchesOf(createMacmonParser(), `${line(10)}\n${line(10.4)}\n${line(11)}\n`);
    const widths = samplesIn(batches, 'system').map((sample) => sample.end_s - sample.start_s);
    expect(widths[0]).toBeCloseTo(0.4, 6);
    expect(widths[1]).toBeCloseTo(0.6, 6);
  });

  test('a system power of zero is a sensor that cannot be read: missing, named once', () => {
    const lines = [0, 1, 2, 3].map((t) => [t, line(t, { sys_power: t < 2 ? 25 : 0 })] as const);
    const batches = batchesAt(createMacmonParser(), lines);
    expect(samplesIn(batches, 'system')).toHaveLength(1);
    expect(codesIn(batches)).toEqual(['RAIL_MISSING']);
  });

  test('a Mac that never states it has no such domain', () => {
    const lines = [0, 1].map((t) => [t, line(t, { sys_power: 0 })] as const);
    const batches = batchesAt(createMacmonParser(), lines);
    expect(domainsIn(batches).map((domain) => domain.id)).not.toContain('system');
    expect(codesIn(batches)).toEqual([]);
  });

  test('a GPU at work that reads zero is told', () => {
    const lines = [0, 1].map((t) => [t, line(t, { gpu_power: 0 })] as const);
    expect(codesIn(batchesAt(createMacmonParser(), lines))).toEqual(['ZERO_UNDER_LOAD']);
  });

  test('milliwatts in place of watts are suspected and left out', () => {
    const lines = [0, 1].map((t) => [t, line(t, { sys_power: 25_000 })] as const);
    const batches = batchesAt(createMacmonParser(), lines);
    expect(samplesIn(batches, 'system')).toEqual([]);
    expect(codesIn(batches)).toEqual(['UNIT_SUSPECT']);
  });

  test('a power that no Mac can draw is implausible, and a negative one too', () => {
    for (const sys_power of [1200, -3]) {
      const lines = [0, 1].map((t) => [t, line(t, { sys_power })] as const);
      expect(codesIn(batchesAt(createMacmonParser(), lines))).toEqual(['IMPLAUSIBLE_POWER']);
    }
  });

  test('a pause of the tool does not stretch its window', () => {
    const batches = batchesAt(createMacmonParser(), [
      [0, line(0)],
      [1, line(1)],
      [9, line(9)],
    ]);
    expect(samplesIn(batches, 'system').map((sample) => [sample.start_s, sample.end_s])).toEqual([
      [0, 1],
      [8, 9],
    ]);
  });

  test('what is no reading is named, half a line included', () => {
    expect(codesIn(batchesOf(createMacmonParser(), 'Error: no SoC\n{"cpu_power": 1'))).toEqual([
      'GARBAGE',
      'GARBAGE',
    ]);
    expect(codesIn(batchesOf(createMacmonParser(), '{"temp":{}}\n'))).toEqual(['GARBAGE']);
  });

  test('a tool that is not there is absent, with the way to install it', async () => {
    const sampler = createMacmonSampler({ file: '/nonexistent/macmon' });
    expect(await sampler.probe()).toMatchObject({ state: 'absent', remedy: 'brew install macmon' });
  });
});
