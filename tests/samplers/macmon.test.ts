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

  test('after a line that was lost a power holds for the usual window, not for both', () => {
    const lines = [0, 1, 2, 3].map((t) => [t, line(t)] as const);
    const cut = [4, line(4).slice(0, 40)] as const;
    const batches = batchesAt(createMacmonParser(), [...lines, cut, [5, line(5)]]);
    expect(codesIn(batches)).toEqual(['GARBAGE']);
    const last = samplesIn(batches, 'system').at(-1);
    expect(last).toMatchObject({ start_s: 4, end_s: 5, energy_J: 25 });
    expect(samplesIn(batches, 'system').reduce((sum_J, { energy_J }) => sum_J + energy_J, 0)).toBe(100);
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

  /** Joules of a steady 10 W over steps of these milliseconds. */
  function steady_J(steps_ms: readonly number[]): number {
    let at_ms = 0;
    const read = [0, ...steps_ms].map((step_ms) => {
      at_ms += step_ms;
      return [at_ms / 1000, line(at_ms / 1000, { sys_power: 10 })] as const;
    });
    return samplesIn(batchesAt(createMacmonParser(), read), 'system').reduce(
      (sum_J, sample) => sum_J + sample.energy_J,
      0,
    );
  }

  test('one short step does not shorten the windows after it: 11 windows of 10 W are 10.2 J, not 4.6 J', () => {
    expect(steady_J([100, 100, 100, 20, 100, 100, 100, 100, 100, 100, 100])).toBeCloseTo(10.2, 4);
  });

  test.each([
    ['once', [100, 100, 100, 180, 20, 100, 100, 100]],
    ['again and again', [100, 100, ...Array.from({ length: 20 }, () => [180, 20]).flat()]],
  ])('a late line and the short one after it, %s, keep power x elapsed time', (_often, steps_ms) => {
    const elapsed_s = steps_ms.reduce((sum_ms, step_ms) => sum_ms + step_ms, 0) / 1000;
    expect(steady_J(steps_ms)).toBeCloseTo(10 * elapsed_s, 4);
  });

  test('a short first step costs the window after it at most', () => {
    expect(steady_J([20, ...Array<number>(10).fill(100)])).toBeCloseTo(10 * (0.02 + 0.02 + 9 * 0.1), 4);
  });

  test('a longer interval becomes the usual one after a few lines', () => {
    const before_ms = Array<number>(20).fill(100);
    const few_ms = Array<number>(5).fill(1000);
    const settled_J = steady_J([...before_ms, ...few_ms, 1000]) - steady_J([...before_ms, ...few_ms]);
    expect(settled_J).toBeCloseTo(10, 4);
  });

  /** Joules of steadily rising power in lines of half a second that come three at a time. */
  function bursts_J(given: Record<string, unknown>): number {
    const read = Array.from({ length: 30 }, (_, i) => {
      const arrival_s = 1.5 * (1 + Math.floor(i / 3));
      return [arrival_s, line(0.5 * (i + 1), { sys_power: 10 + i, ...given })] as const;
    });
    const parser = createMacmonParser();
    const samples = samplesIn([...batchesAt(parser, read), ...parser.end(15)], 'system');
    expect(samples.every(({ start_s, end_s }) => Math.abs(end_s - start_s - 0.5) < 1e-9)).toBe(true);
    return samples.reduce((sum_J, sample) => sum_J + sample.energy_J, 0);
  }

  test('lines that come three at a time lose no energy, each has the time of its own', () => {
    // All but the first line, from which on time is known; without stamps, all but the first three.
    const powers_W = Array.from({ length: 30 }, (_, i) => 10 + i);
    const energy_J = (from: number): number =>
      powers_W.slice(from).reduce((sum_J, power_W) => sum_J + power_W * 0.5, 0);
    expect(bursts_J({})).toBeCloseTo(energy_J(1), 6);
    expect(bursts_J({ timestamp: undefined })).toBeCloseTo(energy_J(3), 6);
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
