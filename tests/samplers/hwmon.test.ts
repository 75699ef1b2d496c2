import { describe, expect, test } from 'vitest';
import { createHwmonParser } from '../../samplers/hwmon/parser.ts';
import { createHwmonSampler } from '../../samplers/hwmon/sampler.ts';
import type { Batch } from '../../src/core/sample.ts';
import { batchesAt, codesIn, domainsIn, samplesIn } from '../support/batches.ts';
import { manualClock } from '../support/manual-clock.ts';
import { linkDevice, type SysfsTree, sysfsTree } from '../support/sysfs.ts';

/** Batches of a stream on a manual clock: at each step `change` runs, then a second passes. */
async function played(tree: SysfsTree, steps: readonly (() => void)[]): Promise<Batch[]> {
  const clock = manualClock(0);
  const abort = new AbortController();
  const { root } = tree;
  const stream = createHwmonSampler({ root }).stream({ interval_ms: 1000, signal: abort.signal, clock });
  const iterator = stream[Symbol.asyncIterator]();
  const batches: Batch[] = [];
  for (const change of steps) {
    change();
    const next = await clock.runUntil(iterator.next());
    if (next.done !== true) batches.push(next.value);
  }
  abort.abort();
  await iterator.return?.();
  return batches;
}

const AMD = 'class/hwmon/hwmon3';

describe('createHwmonSampler', () => {
  test('a card that counts energy is a counter, whatever powers it states beside it', async () => {
    const tree = sysfsTree({
      'class/hwmon/hwmon5/name': 'xe',
      'class/hwmon/hwmon5/energy1_input': 1_000_000,
      'class/hwmon/hwmon5/energy1_label': 'card',
      'class/hwmon/hwmon5/energy2_input': 5,
      'class/hwmon/hwmon5/energy2_label': 'pkg',
      'class/hwmon/hwmon5/power1_max': 190_000_000,
    });
    const batches = await played(tree, [
      () => undefined,
      () => tree.write('class/hwmon/hwmon5/energy1_input', 91_000_000),
    ]);
    expect(samplesIn(batches)).toEqual([
      { domain: 'gpu:0', start_s: 0, end_s: 1, energy_J: 90, kind: 'counter' },
    ]);
    expect(domainsIn(batches)[0]).toMatchObject({ rank: 2, scope: expect.stringMatching(/^GPU board/) });
  });

  test.each<[string, Record<string, number>, number]>([
    ['by its critical limit, which acts at once', { power1_max: 190e6, power1_crit: 420e6 }, 504],
    ['by the limit of its bursts', { power1_max: 190e6, power1_cap: 250e6 }, 300],
    ['above its sustained limit, a mean over seconds', { power1_max: 190e6 }, 285],
    ['by its rated power where the limit was lowered', { power1_max: 100e6, power1_rated_max: 190e6 }, 285],
    ['by the largest of its sort where all limits are off', { power1_max: 0, power1_crit: 0 }, 1000],
  ])('an Intel card is bounded %s', async (_how, limits, maxPower_W) => {
    const own = Object.entries(limits).map(([name, value]) => [`class/hwmon/hwmon5/${name}`, value]);
    const tree = sysfsTree({
      'class/hwmon/hwmon5/name': 'xe',
      'class/hwmon/hwmon5/energy1_input': 1,
      ...Object.fromEntries(own),
    });
    expect(domainsIn(await played(tree, [() => undefined]))).toMatchObject([{ maxPower_W }]);
  });

  test('a card that states its chip alone says so', async () => {
    const tree = sysfsTree({
      'class/hwmon/hwmon5/name': 'xe',
      'class/hwmon/hwmon5/energy2_input': 1,
      'class/hwmon/hwmon5/energy2_label': 'pkg',
    });
    const [domain] = domainsIn(await played(tree, [() => undefined]));
    expect(domain?.scope).toMatch(/^GPU chip alone by its driver/);
  });

  test('an instant is preferred to an average', async () => {
    const tree = sysfsTree({
      [`${AMD}/name`]: 'amdgpu',
      [`${AMD}/power1_input`]: 40_000_000,
      [`${AMD}/power1_average`]: 99_000_000,
      [`${AMD}/power1_label`]: 'PPT',
    });
    const batches = await played(tree, [
      () => undefined,
      () => tree.write(`${AMD}/power1_input`, 60_000_000),
    ]);
    expect(samplesIn(batches)).toMatchObject([{ domain: 'gpu:0', energy_J: 50, kind: 'gauge' }]);
  });

  test('an average alone is declared as one', async () => {
    const tree = sysfsTree({ [`${AMD}/name`]: 'amdgpu', [`${AMD}/power1_average`]: 40_000_000 });
    const batches = await played(tree, [() => undefined]);
    expect(domainsIn(batches)).toMatchObject([{ id: 'gpu:0', kind: 'averaged', averaging_s: 1 }]);
  });

  test('an integrated GPU of AMD states its whole processor', async () => {
    const tree = sysfsTree({
      [`${AMD}/name`]: 'amdgpu',
      [`${AMD}/in1_label`]: 'vddnb',
      [`${AMD}/power1_input`]: 15_000_000,
    });
    expect(domainsIn(await played(tree, [() => undefined]))).toMatchObject([{ id: 'soc', rank: 1 }]);
  });

  test('cards are numbered by their bus address, not by the order in which drivers loaded', async () => {
    const tree = sysfsTree({
      'class/hwmon/hwmon1/name': 'amdgpu',
      'class/hwmon/hwmon1/power1_input': 11_000_000,
      'class/hwmon/hwmon2/name': 'amdgpu',
      'class/hwmon/hwmon2/power1_input': 22_000_000,
      'class/hwmon/hwmon4/name': 'nvme',
      'class/hwmon/hwmon4/power1_input': 1,
    });
    linkDevice(tree, 'class/hwmon/hwmon1', '0000:83:00.0');
    linkDevice(tree, 'class/hwmon/hwmon2', '0000:03:00.0');
    const batches = await played(tree, [() => undefined, () => undefined]);
    expect(samplesIn(batches).map(({ domain, startPower_W }) => [domain, startPower_W])).toEqual([
      ['gpu:0', 22],
      ['gpu:1', 11],
    ]);
  });

  test('a card that sleeps is not woken: it is missing while it does', async () => {
    const tree = sysfsTree({ [`${AMD}/name`]: 'amdgpu', [`${AMD}/power1_input`]: 9_000_000 });
    linkDevice(tree, AMD, '0000:03:00.0');
    tree.write('devices/0000:03:00.0/power/runtime_status', 'suspended');
    const batches = await played(tree, [() => undefined, () => undefined]);
    expect(samplesIn(batches)).toEqual([]);
    expect(codesIn(batches)).toEqual(['RAIL_MISSING']);
    expect(await createHwmonSampler(tree).probe()).toMatchObject({
      state: 'ready',
      detail: 'gpu:0 (asleep)',
    });
  });

  test("a server's own meter is the system, with the averaging it states", async () => {
    const tree = sysfsTree({
      'class/hwmon/hwmon0/name': 'power_meter',
      'class/hwmon/hwmon0/power1_average': 312_000_000,
      'class/hwmon/hwmon0/power1_average_interval': 5000,
    });
    expect(domainsIn(await played(tree, [() => undefined]))).toMatchObject([
      { id: 'system', rank: 3, kind: 'averaged', averaging_s: 5 },
    ]);
  });

  test('a device that is lost mid-run is named once, and the others go on', async () => {
    const tree = sysfsTree({
      [`${AMD}/name`]: 'amdgpu',
      [`${AMD}/power1_input`]: 9_000_000,
      'class/hwmon/hwmon9/name': 'power_meter',
      'class/hwmon/hwmon9/power1_input': 99_000_000,
    });
    const batches = await played(tree, [
      () => undefined,
      () => tree.remove(`${AMD}/power1_input`),
      () => undefined,
    ]);
    expect(codesIn(batches)).toEqual(['RAIL_MISSING']);
    expect(samplesIn(batches, 'system')).toHaveLength(2);
  });

  test('a tree without power is absent, and its stream is refused', async () => {
    const tree = sysfsTree({ 'class/hwmon/hwmon0/name': 'coretemp' });
    expect(await createHwmonSampler(tree).probe()).toMatchObject({ state: 'absent' });
    await expect(played(tree, [() => undefined])).rejects.toMatchObject({ code: 'SAMPLER_UNAVAILABLE' });
  });

  test('recorded lines give what the files gave', () => {
    const device = { domain: 'gpu:0', kind: 'counter', why: null };
    const line = (at_s: number, number: number) => JSON.stringify({ at_s, devices: [{ ...device, number }] });
    const batches = batchesAt(createHwmonParser(), [
      [5, line(5, 0)],
      [6, line(6, 30e6)],
      [7, '{"at_s":7,"devices":[{"domain":"../x"}]}'],
    ]);
    expect(samplesIn(batches)).toMatchObject([{ energy_J: 30, kind: 'counter' }]);
    expect(codesIn(batches)).toEqual(['GARBAGE']);
  });
});
