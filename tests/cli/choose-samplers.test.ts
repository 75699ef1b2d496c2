import { describe, expect, test } from 'vitest';
import { SAMPLERS } from '../../samplers/index.ts';
import type { Probe } from '../../samplers/sampler.ts';
import {
  chooseSamplers,
  composed,
  composeSamplers,
  probeInTime,
  samplersOf,
  standInRoot,
} from '../../src/cli/choose-samplers.ts';
import { manualClock } from '../support/manual-clock.ts';
import { scriptedSampler, testDomain } from '../support/scripted-sampler.ts';
import { sysfsTree, zoneFiles } from '../support/sysfs.ts';

const NO_GUARD = { guard: null, dropped: false, reason: null };
const idsOf = async (...names: string[]): Promise<string[]> =>
  (await chooseSamplers(names, NO_GUARD)).map(({ id }) => id);

describe('chooseSamplers', () => {
  test('takes the sources that are named, each once, in their order', async () => {
    expect(await idsOf('synthetic,powermetrics', 'synthetic')).toEqual(['synthetic', 'powermetrics']);
  });

  test('never chooses by itself the source that makes its readings up', async () => {
    expect(await idsOf('auto')).not.toContain('synthetic');
    expect(await idsOf('auto,synthetic')).toContain('synthetic');
  });

  test('keeps a replay whole, whose file name may hold a comma', async () => {
    const [sampler] = await chooseSamplers(['replay:powermetrics:a,b.plist@0'], NO_GUARD);
    expect(sampler).toMatchObject({ id: 'replay:powermetrics', finite: true });
  });

  test.each([
    ['nosuch', 'SAMPLER_UNKNOWN'],
    ['replay:nosuch:file', 'REPLAY_INVALID'],
    ['replay', 'REPLAY_INVALID'],
    ['', 'USAGE'],
    [' , ', 'USAGE'],
  ])('refuses %j as %s', async (name, code) => {
    await expect(chooseSamplers([name], NO_GUARD)).rejects.toMatchObject({ code, exitCode: 2 });
  });
});

test('every source of the list is there for the command line', () => {
  expect(samplersOf(NO_GUARD).map(({ id }) => id)).toEqual(SAMPLERS.map(({ id }) => id));
});

describe('composeSamplers', () => {
  test('starts all that answer but those that read what another reads better, and says why', async () => {
    const board = (kind: 'gauge' | 'averaged', source: string) =>
      testDomain('gpu:0', { source, kind, rank: 2, scope: 'GPU board' });
    const slow = scriptedSampler('rocm-smi', { domains: [board('gauge', 'rocm-smi')] });
    const quick = scriptedSampler('amd-smi', { domains: [board('gauge', 'amd-smi')] });
    const { composition, samplers } = await composed([slow, quick]);
    expect(samplers).toEqual([quick]);
    expect(composition.leftOut.map(({ id }) => id)).toEqual(['rocm-smi']);
  });

  test('a look at this machine goes before what a source may give anywhere', async () => {
    const declared = [testDomain('psys', { kind: 'counter', rank: 2.5 })];
    const powercap = {
      ...scriptedSampler('powercap', { domains: declared }),
      survey: async () => [testDomain('package:0', { kind: 'counter', rank: 2 })],
    };
    const battery = scriptedSampler('battery', {
      domains: [testDomain('battery', { kind: 'gauge', rank: 3 })],
    });
    expect((await composed([powercap, battery])).samplers).toHaveLength(2);
    expect(
      (await composed([scriptedSampler('powercap', { domains: declared }), battery])).samplers,
    ).toHaveLength(1);
  });

  test('leaves out nothing that was named', async () => {
    const { composition, samplers } = await composeSamplers(['rocm-smi,amd-smi'], NO_GUARD);
    expect(samplers.map(({ id }) => id)).toEqual(['rocm-smi', 'amd-smi']);
    expect(composition).toEqual({
      kept: [
        { id: 'rocm-smi', reason: 'named by --sampler' },
        { id: 'amd-smi', reason: 'named by --sampler' },
      ],
      leftOut: [],
    });
  });
});

describe('LMPOWER_SYSFS', () => {
  test('stands in for /sys of powercap, hwmon and battery', async () => {
    const tree = sysfsTree({
      ...zoneFiles('class/powercap/intel-rapl:0', { name: 'package-0', energy_uJ: 5 }),
      'class/hwmon/hwmon0/name': 'amdgpu',
      'class/hwmon/hwmon0/power1_input': 30_000_000,
      'class/power_supply/BAT0/type': 'Battery',
      'class/power_supply/BAT0/status': 'Discharging',
      'class/power_supply/BAT0/power_now': 9_000_000,
    });
    const known = samplersOf(NO_GUARD, { LMPOWER_SYSFS: tree.root });
    for (const id of ['powercap', 'hwmon', 'battery']) {
      const probe = await known.find((sampler) => sampler.id === id)?.probe();
      expect([id, probe?.state]).toEqual([id, 'ready']);
    }
  });

  test('counts for nothing where the program is or was root’s', () => {
    const env = { LMPOWER_SYSFS: '/tmp/sys' };
    const guard = { stdin: process.stdout, stdout: process.stdin, stderr: process.stdin };
    expect(standInRoot(NO_GUARD, env)).toBe('/tmp/sys');
    expect(standInRoot({ ...NO_GUARD, guard }, env)).toBeNull();
    expect(standInRoot({ ...NO_GUARD, dropped: true }, env)).toBeNull();
    expect(standInRoot(NO_GUARD, { LMPOWER_SYSFS: '' })).toBeNull();
    expect(standInRoot(NO_GUARD, {})).toBeNull();
  });
});

describe('probeInTime', () => {
  test('a source that answers late is not ready, and what waits longer for it is said', async () => {
    const clock = manualClock();
    const hung = { ...scriptedSampler('hung'), probe: () => new Promise<Probe>(() => undefined) };
    const probe = probeInTime(hung, clock);
    await clock.advance(2);
    expect(await probe).toEqual({
      state: 'broken',
      detail: 'it did not answer within 2 s',
      remedy: 'lmpower run --sampler hung waits longer for it',
    });
  });

  test('a probe that breaks its promise not to throw is broken, one in time is passed on', async () => {
    const thrown = { ...scriptedSampler('odd'), probe: () => Promise.reject(new Error('no bus')) };
    expect(await probeInTime(thrown, manualClock())).toMatchObject({ state: 'broken', detail: 'no bus' });
    const sound = scriptedSampler('sound');
    expect(await probeInTime(sound, manualClock())).toEqual(await sound.probe());
  });
});
