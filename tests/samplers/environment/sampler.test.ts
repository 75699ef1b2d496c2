import { describe, expect, test } from 'vitest';
import { KernelFiles } from '../../../samplers/environment/kernel-files.ts';
import { createEnvironmentSampler } from '../../../samplers/environment/sampler.ts';
import { ServerProcess } from '../../../samplers/environment/server-process.ts';
import type { Batch, Observation } from '../../../src/core/sample.ts';
import { type ManualClock, manualClock } from '../../support/manual-clock.ts';
import { type ProcTree, procTree } from '../../support/proc-tree.ts';
import { type SysfsTree, sysfsTree } from '../../support/sysfs.ts';

const SELF = 50;

interface Scene {
  readonly clock: ManualClock;
  readonly proc: ProcTree;
  readonly sys: SysfsTree;
  readonly server: ServerProcess;
  /** Observations of one beat. */
  next(): Promise<Observation[]>;
}

/** One beat each 2 s; `url`: of the server, process 10 on port 1234. */
function scene(files: Readonly<Record<string, string | number>> = {}, url = 'http://localhost:1234'): Scene {
  const clock = manualClock();
  const proc = procTree();
  const sys = sysfsTree(files);
  proc.process(1, { parent: 0 });
  proc.process(SELF, { parent: 1 });
  proc.process(10, { parent: 1, sockets: [777] });
  proc.listening([1234, 777]);
  proc.busy(1000);
  const files_ = new KernelFiles(proc.root);
  const server = new ServerProcess(files_, url, SELF);
  server.locate();
  const sampler = createEnvironmentSampler({ proc: files_, sys: sys.root, server, self: SELF });
  const batches = sampler
    .stream({ interval_ms: 100, signal: new AbortController().signal, clock })
    [Symbol.asyncIterator]();
  return {
    clock,
    proc,
    sys,
    server,
    next: async () => {
      const batch = await clock.runUntil<IteratorResult<Batch>>(batches.next());
      return batch.done === true ? [] : [...batch.value.observations];
    },
  };
}

function valuesOf(observations: readonly Observation[]): Record<string, string | number> {
  return Object.fromEntries(observations.map(({ name, value }) => [name, value]));
}

describe('load', () => {
  test('is told apart: the server, lmpower with its meters, and everybody else', async () => {
    const { next, proc } = scene();
    expect(valuesOf(await next())).toEqual({});
    proc.process(10, { parent: 1, cpu_ticks: 100 });
    proc.process(11, { parent: 10, cpu_ticks: 200 });
    proc.process(SELF, { parent: 1, cpu_ticks: 10 });
    proc.process(51, { parent: SELF, cpu_ticks: 10 });
    proc.busy(1000 + 300 + 20 + 50);
    expect(valuesOf(await next())).toEqual({ server_cores: 1.5, lmpower_cores: 0.1, other_cores: 0.25 });
  });

  test('comes every 2 s on the clock of the run, though meters are asked more often', async () => {
    const { clock, next, proc } = scene();
    await next();
    proc.busy(1200);
    const [first] = await next();
    expect([first?.at_s, clock.now_s()]).toEqual([2, 2]);
    proc.busy(1200);
    expect(valuesOf(await next())['other_cores']).toBe(0);
  });

  test('beside a server elsewhere is all foreign', async () => {
    const { next, proc } = scene({}, 'http://192.0.2.1:1234');
    await next();
    proc.busy(1100);
    expect(valuesOf(await next())).toEqual({ other_cores: 0.5, lmpower_cores: 0 });
  });

  test('beside a server that cannot be found is not told apart', async () => {
    const { next, proc } = scene({}, 'http://localhost:9');
    await next();
    proc.busy(1100);
    expect(valuesOf(await next())).toEqual({ rest_cores: 0.5, lmpower_cores: 0 });
  });

  test('of a server started by lmpower itself is the server’s', async () => {
    const { next, proc, server } = scene();
    proc.process(10, { parent: SELF, sockets: [777] });
    server.locate();
    await next();
    proc.process(10, { parent: SELF, cpu_ticks: 200 });
    proc.busy(1200);
    expect(valuesOf(await next())).toEqual({ server_cores: 1, lmpower_cores: 0, other_cores: 0 });
  });
});

describe('memory of the server', () => {
  test('is told at every look, the first included, and is that of its processes alone', async () => {
    const { next, proc } = scene();
    proc.process(10, { parent: 1, sockets: [777], memory_kiB: 1000 });
    proc.process(SELF, { parent: 1, memory_kiB: 80 });
    expect(valuesOf(await next())).toEqual({ server_rss_B: 1_024_000 });
    proc.process(11, { parent: 10, memory_kiB: 24 });
    proc.busy(1000);
    expect(valuesOf(await next())['server_rss_B']).toBe(1_048_576);
    expect(valuesOf(await next())['server_rss_B']).toBe(1_048_576);
  });

  test('is not told of a server elsewhere, or of one that cannot be found', async () => {
    for (const url of ['http://192.0.2.1:1234', 'http://localhost:9']) {
      const { next, proc } = scene({}, url);
      proc.process(10, { parent: 1, memory_kiB: 1000 });
      expect(valuesOf(await next())).toEqual({});
      proc.busy(1000);
      expect(valuesOf(await next())).not.toHaveProperty('server_rss_B');
    }
  });
});

const CPU = 'devices/system/cpu';
const LAPTOP = {
  [`${CPU}/cpu0/thermal_throttle/package_throttle_count`]: 3,
  [`${CPU}/cpu1/thermal_throttle/package_throttle_count`]: 3,
  [`${CPU}/cpufreq/policy0/scaling_cur_freq`]: 1_000_000,
  [`${CPU}/cpufreq/policy1/scaling_cur_freq`]: 3_000_000,
  [`${CPU}/cpufreq/policy0/scaling_governor`]: 'powersave',
  'class/thermal/thermal_zone0/type': 'x86_pkg_temp',
  'class/thermal/thermal_zone0/temp': 61_400,
  'class/thermal/cooling_device0/type': 'Processor',
  'class/thermal/cooling_device0/cur_state': 0,
  'class/thermal/cooling_device1/type': 'Fan',
  'class/thermal/cooling_device1/cur_state': 1,
  'class/power_supply/AC/type': 'Mains',
  'class/power_supply/AC/online': 1,
  'class/power_supply/BAT0/type': 'Battery',
  'class/power_supply/BAT0/status': 'Charging',
  'firmware/acpi/platform_profile': 'balanced',
};

describe('state of the machine', () => {
  test('is told once, and again when it changes', async () => {
    const { next, sys } = scene(LAPTOP);
    expect(valuesOf(await next())).toEqual({
      'x86_pkg_temp temperature_C': 61,
      cpu_MHz: 2000,
      governor: 'powersave',
      thermal_pressure: 'nominal',
      power_source: 'ac',
      low_power_mode: 'off',
    });
    const withoutLoad = async () => valuesOf((await next()).filter(({ name }) => !name.endsWith('_cores')));
    expect(await withoutLoad()).toEqual({});
    sys.write('class/power_supply/AC/online', 0);
    sys.write('class/power_supply/BAT0/status', 'Discharging');
    sys.write('firmware/acpi/platform_profile', 'low-power');
    expect(await withoutLoad()).toEqual({ power_source: 'battery', low_power_mode: 'on' });
  });

  test.each([
    ['the processor counts a slow-down', `${CPU}/cpu1/thermal_throttle/package_throttle_count`, 4],
    ['the kernel holds the processor back', 'class/thermal/cooling_device0/cur_state', 2],
  ])('is throttled while %s', async (_fact, file, value) => {
    const { next, sys } = scene(LAPTOP);
    await next();
    sys.write(file, value);
    expect(valuesOf(await next())['thermal_pressure']).toBe('throttled');
  });

  test('a count of the past is no slow-down now', async () => {
    const { next, sys } = scene(LAPTOP);
    await next();
    sys.write(`${CPU}/cpu0/thermal_throttle/package_throttle_count`, 5);
    await next();
    expect(valuesOf(await next())['thermal_pressure']).toBe('nominal');
  });

  test('a machine that tells nothing gives nothing, and no event', async () => {
    const { next, proc } = scene();
    proc.busy(1000);
    expect(await next()).toEqual([]);
  });
});
