import { describe, expect, test } from 'vitest';
import { probeEnvironment } from '../../src/orchestrator/environment.ts';
import { lowPowerModeOf, powerSourceOf } from '../../src/orchestrator/environment-macos.ts';
import { type Host, thisHost } from '../../src/orchestrator/host.ts';

interface Machine {
  readonly files?: Readonly<Record<string, string>>;
  readonly commands?: Readonly<Record<string, string>>;
}

/** A machine made of its files and of what its commands print. */
function hostOf(platform: string, { commands = {}, files = {} }: Machine): Host {
  return {
    platform,
    facts: {
      arch: 'arm64',
      cores: 10,
      memory_B: 2 ** 35,
      osType: platform === 'darwin' ? 'Darwin' : 'Linux',
      osRelease: '6.1.0-test',
      chip: 'chip of Node',
      node: '20.19.0',
      elevated: false,
    },
    read: async (path) => files[path] ?? null,
    list: async (path) => {
      const below = Object.keys(files).filter((file) => file.startsWith(`${path}/`));
      return [...new Set(below.map((file) => file.slice(path.length + 1).split('/')[0] ?? ''))].sort();
    },
    run: async (command, ...given) => commands[[command, ...given].join(' ')] ?? null,
  };
}

function supply(name: string, facts: Readonly<Record<string, string>>): Record<string, string> {
  const folder = `/sys/class/power_supply/${name}`;
  return Object.fromEntries(Object.entries(facts).map(([key, value]) => [`${folder}/${key}`, `${value}\n`]));
}

const MAC: Machine = {
  commands: {
    '/usr/sbin/sysctl -n hw.model': 'Mac15,9',
    '/usr/sbin/sysctl -n machdep.cpu.brand_string': 'Apple M3 Max',
    '/usr/bin/sw_vers -productVersion': '15.1',
    '/usr/bin/sw_vers -buildVersion': '24B83',
    '/usr/bin/pmset -g batt':
      "Now drawing from 'Battery Power'\n -InternalBattery-0 (id=1)\t83%; discharging",
    '/usr/bin/pmset -g': 'Currently in use:\n standby              1\n lowpowermode         1\n',
  },
};

describe('probeEnvironment', () => {
  test('a Mac', async () => {
    expect(await probeEnvironment({ host: hostOf('darwin', MAC) })).toEqual({
      machine: 'Mac15,9',
      chip: 'Apple M3 Max',
      cores: 10,
      memory_B: 2 ** 35,
      os: 'macOS 15.1',
      osBuild: '24B83',
      node: '20.19.0',
      powerSource: 'battery',
      lowPowerMode: true,
      governor: null,
      elevated: false,
      backendVersion: null,
      engine: null,
      settings: [],
    });
  });

  test('a Linux laptop', async () => {
    const files = {
      '/proc/cpuinfo': 'processor\t: 0\nmodel name\t: AMD Ryzen 7\ncache size\t: 512 KB\n',
      '/etc/os-release': 'NAME="Debian"\nPRETTY_NAME="Debian GNU/Linux 12"\n',
      '/sys/devices/virtual/dmi/id/sys_vendor': 'LENOVO\n',
      '/sys/devices/virtual/dmi/id/product_name': '21AB\n',
      '/sys/devices/virtual/dmi/id/product_serial': 'SECRET\n',
      '/sys/firmware/acpi/platform_profile': 'low-power\n',
      '/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor': 'performance\n',
      '/sys/devices/system/cpu/cpu1/cpufreq/scaling_governor': 'powersave\n',
      '/sys/devices/system/cpu/cpufreq/boost': '1',
      ...supply('AC', { type: 'Mains', online: '0' }),
      ...supply('BAT0', { type: 'Battery', status: 'Discharging' }),
    };
    const environment = await probeEnvironment({ host: hostOf('linux', { files }) });
    expect(environment).toMatchObject({
      machine: 'LENOVO 21AB',
      chip: 'AMD Ryzen 7',
      os: 'Debian GNU/Linux 12',
      osBuild: '6.1.0-test',
      powerSource: 'battery',
      lowPowerMode: true,
      governor: 'performance, powersave',
    });
    expect(JSON.stringify(environment)).not.toContain('SECRET');
  });

  test.each([
    ['mains', supply('AC', { type: 'Mains', online: '1' }), 'ac'],
    ['a charger on USB', supply('ucsi', { type: 'USB', online: '1' }), 'ac'],
    ['a full battery and nothing else', supply('BAT0', { type: 'Battery', status: 'Full' }), 'ac'],
    ["a mouse's battery", supply('hid', { type: 'Battery', status: 'Discharging', scope: 'Device' }), null],
    ['a desktop without any', {}, null],
  ])('Linux with %s', async (_what, files, powerSource) => {
    expect((await probeEnvironment({ host: hostOf('linux', { files }) })).powerSource).toBe(powerSource);
  });

  test('a board known only by its device tree', async () => {
    const files = { '/proc/device-tree/model': 'NVIDIA Jetson Orin\0' };
    const { chip, machine } = await probeEnvironment({ host: hostOf('linux', { files }) });
    expect([machine, chip]).toEqual(['NVIDIA Jetson Orin', 'chip of Node']);
  });

  test.each(['darwin', 'linux', 'win32', 'freebsd'])(
    'a %s that tells nothing is no failure',
    async (platform) => {
      expect(await probeEnvironment({ host: hostOf(platform, {}) })).toMatchObject({
        machine: null,
        cores: 10,
        powerSource: null,
        lowPowerMode: null,
        governor: null,
      });
    },
  );

  test('the server, its engine, its settings and the right of the meters are passed in', async () => {
    const settings = [{ name: 'context_tok', requested: 1, effective: 1, source: 'server' }] as const;
    const given = { backendVersion: '0.4', engine: 'mlx', settings, elevated: true };
    expect(await probeEnvironment({ ...given, host: hostOf('win32', {}) })).toMatchObject(given);
  });

  test('this machine answers, whatever it is', async () => {
    const environment = await probeEnvironment();
    expect(environment.cores).toBeGreaterThan(0);
    expect(environment.memory_B).toBeGreaterThan(2 ** 20);
    expect(environment.os).not.toBe('');
  });
});

describe('thisHost', () => {
  test('what is not there is null or empty, never an error', async () => {
    expect(await thisHost.read('/no/such/file')).toBeNull();
    expect(await thisHost.list('/no/such/folder')).toEqual([]);
    expect(await thisHost.run('/no/such/command')).toBeNull();
    expect(await thisHost.run(process.execPath, '-e', 'process.exit(3)')).toBeNull();
    expect(await thisHost.run(process.execPath, '-e', 'console.log(7)')).toBe('7');
  });
});

describe('powerSourceOf', () => {
  test.each([
    ["Now drawing from 'AC Power'", 'ac'],
    ["Now drawing from 'UPS Power'", 'battery'],
    ['', null],
  ])('%j', (text, source) => {
    expect(powerSourceOf(text)).toBe(source);
  });
});

describe('lowPowerModeOf', () => {
  test.each([
    [' lowpowermode         0', false],
    [' powermode            1', true],
    [' powermode            2', false],
    [' standby 1', null],
  ])('%j', (text, mode) => {
    expect(lowPowerModeOf(text)).toBe(mode);
  });
});
