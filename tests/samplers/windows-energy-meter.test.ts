import { describe, expect, test } from 'vitest';
import { createWindowsEnergyMeterParser } from '../../samplers/windows-energy-meter/parser.ts';
import { createWindowsEnergyMeterSampler } from '../../samplers/windows-energy-meter/sampler.ts';
import { batchesAt, codesIn, domainsIn, samplesIn } from '../support/batches.ts';

const path = (meter: string, figure: string): string => `"\\\\HOST\\Energy Meter(${meter})\\${figure}"`;
const METERS = ['RAPL_Package0_PKG', 'RAPL_Package0_PP0', '_Total'];
const HEADER = [
  '"(PDH-CSV 4.0)"',
  ...METERS.map((meter) => path(meter, 'Energy')),
  ...METERS.map((meter) => path(meter, 'Power')),
].join(',');
const row = (time: string, cells: readonly string[]): string =>
  [`11/22/2026 ${time}`, ...cells].map((cell) => `"${cell}"`).join(',');
/** 1 J in picowatt-hours. */
const pWh = (energy_J: number): string => (energy_J / 3.6e-9).toFixed(6);
const LAUNCH = { file: '/nonexistent/typeperf.exe' };

describe('typeperf rows', () => {
  test('cumulative energy becomes counter samples of package and cores; the total is left out', () => {
    const batches = batchesAt(createWindowsEnergyMeterParser(), [
      [10, ''],
      [10, HEADER],
      [10, row('15:04:05.123', [pWh(100), pWh(50), '1', '9000', '1', '1'])],
      [11, row('15:04:06.123', [pWh(112), pWh(58), '1', '9000', '1', '1'])],
    ]);
    expect(samplesIn(batches).map(({ domain, kind }) => [domain, kind])).toEqual([
      ['package:0', 'counter'],
      ['core:0', 'counter'],
    ]);
    expect(samplesIn(batches, 'package:0')[0]?.energy_J).toBeCloseTo(12, 5);
    expect(domainsIn(batches).map(({ id, parent, rank }) => [id, parent, rank])).toEqual([
      ['package:0', null, 2],
      ['core:0', 'package:0', 0],
    ]);
  });

  test('where only power is printed it is an averaged gauge, in milliwatts, with a decimal comma or point', () => {
    const header = `"(PDH-CSV 4.0)",${path('RAPL_Package0_PKG', 'Power')}`;
    const batches = batchesAt(createWindowsEnergyMeterParser(), [
      [0, header],
      [1, row('15:04:05.000', ['10500,500000'])],
      [2, row('15:04:06.000', ['12500.500000'])],
    ]);
    expect(samplesIn(batches)).toMatchObject([
      { kind: 'averaged', startPower_W: 10.5005, endPower_W: 12.5005 },
    ]);
  });

  test('translated names of the figures are told apart by the order in which they were asked for', () => {
    const header = [
      '"(PDH-CSV 4.0)"',
      path('RAPL_Package0_PKG', 'Energie'),
      path('RAPL_Package0_PKG', 'Leistung'),
    ];
    const batches = batchesAt(createWindowsEnergyMeterParser(), [
      [0, header.join(',')],
      [1, row('15:04:05,000', [pWh(1), '9000,0'])],
      [2, row('15:04:06,000', [pWh(21), '9000,0'])],
    ]);
    expect(samplesIn(batches)[0]?.energy_J).toBeCloseTo(20, 6);
  });

  test('an empty cell is missing and is bridged', () => {
    const header = `"(PDH-CSV 4.0)",${path('RAPL_Package0_PKG', 'Energy')}`;
    const batches = batchesAt(createWindowsEnergyMeterParser(), [
      [0, header],
      [1, row('15:04:05.000', [pWh(10)])],
      [2, row('15:04:06.000', [' '])],
      [3, row('15:04:07.000', ['-1'])],
      [4, row('15:04:08.000', [pWh(40)])],
    ]);
    expect(codesIn(batches)).toEqual(['RAIL_MISSING']);
    expect(samplesIn(batches)).toMatchObject([{ start_s: 1, end_s: 4 }]);
    expect(samplesIn(batches)[0]?.energy_J).toBeCloseTo(30, 5);
  });

  test('a line cut in two is named; the farewell of typeperf is not', () => {
    const batches = batchesAt(createWindowsEnergyMeterParser(), [
      [0, HEADER],
      [1, '"11/22/2026 15:04:05.123","12'],
      [2, 'Exiting, please wait...'],
      [3, 'The command completed successfully.'],
    ]);
    expect(codesIn(batches)).toEqual(['GARBAGE']);
  });
});

describe('probe', () => {
  test('WSL is recognised and named', async () => {
    const release = async (): Promise<string> => '5.15.153.1-microsoft-standard-WSL2';
    const probe = await createWindowsEnergyMeterSampler({ launch: LAUNCH, release }).probe();
    expect(probe).toMatchObject({ state: 'absent', detail: expect.stringContaining('WSL') });
    expect(probe.remedy).toContain('/etc/wsl.conf');
  });

  test('elsewhere typeperf is absent', async () => {
    const probe = await createWindowsEnergyMeterSampler({
      launch: LAUNCH,
      release: async () => '6.8.0',
    }).probe();
    expect(probe.state).toBe('absent');
    expect(probe.detail).not.toContain('WSL');
  });
});
