import { describe, expect, test } from 'vitest';
import { createBatteryParser } from '../../samplers/battery/parser.ts';
import { readingOfIoreg, readingOfLinux } from '../../samplers/battery/reading.ts';
import { createBatterySampler } from '../../samplers/battery/sampler.ts';
import { batchesAt, codesIn, domainsIn, samplesIn } from '../support/batches.ts';
import { manualClock } from '../support/manual-clock.ts';
import { sysfsTree } from '../support/sysfs.ts';

const NONE = { power_uW: null, current_uA: null, voltage_uV: null };
const NO_IOREG = { file: '/nonexistent/ioreg' };

describe('readingOfLinux', () => {
  test('power_now is taken first, whatever its sign; else current × voltage', () => {
    const power = { ...NONE, status: 'Discharging', power_uW: -12_000_000, current_uA: 1, voltage_uV: 1 };
    expect(readingOfLinux([power]).power_W).toBeCloseTo(12, 9);
    const product = { status: 'Discharging', power_uW: null, current_uA: 1_500_000, voltage_uV: 12_000_000 };
    expect(readingOfLinux([product]).power_W).toBeCloseTo(18, 9);
  });

  test('two batteries add up, and the idle one of them counts nothing', () => {
    const one = { ...NONE, status: 'Discharging', power_uW: 5e6 };
    expect(readingOfLinux([one, one]).power_W).toBeCloseTo(10, 9);
    expect(readingOfLinux([one, { ...NONE, status: 'Not charging', power_uW: 7e6 }]).power_W).toBeCloseTo(
      5,
      9,
    );
  });

  test('charging is no power of the machine; unknown is unknown', () => {
    expect(readingOfLinux([{ ...NONE, status: 'Charging', power_uW: 30e6 }])).toMatchObject({
      isDischarging: false,
      power_W: null,
    });
    expect(readingOfLinux([{ ...NONE, status: 'Unknown' }]).isDischarging).toBeNull();
    expect(readingOfLinux([{ ...NONE, status: 'Discharging' }])).toMatchObject({
      isDischarging: true,
      power_W: null,
    });
  });
});

describe('readingOfIoreg', () => {
  const text = (
    external: string,
    current: string,
  ): string => `+-o AppleSmartBattery  <class AppleSmartBattery>
    {
      "AdapterDetails" = {"Voltage"=20000,"ExternalConnected"=Yes}
      "ExternalConnected" = ${external}
      "Voltage" = 12000
      "LegacyBatteryInfo" = {"Amperage"=18446744073709551183,"Voltage"=1}
      "InstantAmperage" = ${current}
    }
`;

  test('a current printed without its sign is the discharge', () => {
    expect(readingOfIoreg(text('No', '18446744073709550116'))).toMatchObject({
      isDischarging: true,
      power_W: 18,
    });
    expect(readingOfIoreg(text('No', '-1500'))).toMatchObject({ power_W: 18 });
  });

  test('on the mains, and while it charges, there is none', () => {
    expect(readingOfIoreg(text('Yes', '18446744073709550116'))).toMatchObject({
      isDischarging: false,
      power_W: null,
    });
    expect(readingOfIoreg(text('No', '1500'))).toMatchObject({ isDischarging: false, power_W: null });
  });

  test('another text is none, and a missing key is named', () => {
    expect(readingOfIoreg('')).toBeNull();
    expect(readingOfIoreg(text('No', 'x'))).toMatchObject({ isDischarging: true, power_W: null });
  });
});

describe('createBatterySampler', () => {
  const BAT = 'class/power_supply/BAT0';
  const tree = (status: string) =>
    sysfsTree({
      [`${BAT}/type`]: 'Battery',
      [`${BAT}/status`]: status,
      [`${BAT}/power_now`]: 14_000_000,
      'class/power_supply/AC/type': 'Mains',
      'class/power_supply/mouse/type': 'Battery',
      'class/power_supply/mouse/scope': 'Device',
      'class/power_supply/mouse/status': 'Discharging',
    });

  test('counts only while it discharges, and says on what the machine runs', async () => {
    const { root, write } = tree('Discharging');
    const clock = manualClock(0);
    const abort = new AbortController();
    const sampler = createBatterySampler({ root, ioreg: NO_IOREG });
    const iterator = sampler
      .stream({ interval_ms: 1000, signal: abort.signal, clock })
      [Symbol.asyncIterator]();
    const batches = [];
    for (const status of ['Discharging', 'Discharging', 'Charging', 'Discharging']) {
      write(`${BAT}/status`, status);
      const next = await clock.runUntil(iterator.next());
      if (next.done !== true) batches.push(next.value);
    }
    abort.abort();
    await iterator.return?.();
    expect(samplesIn(batches)).toMatchObject([{ domain: 'battery', start_s: 0, end_s: 1, energy_J: 14 }]);
    expect(codesIn(batches)).toEqual([]);
    const told = batches.flatMap((batch) => batch.observations).map((one) => [one.name, one.value]);
    expect(told).toEqual([
      ['battery power_source', 'battery'],
      ['battery power_source', 'mains'],
      ['battery power_source', 'battery'],
    ]);
    expect(domainsIn(batches)).toMatchObject([{ id: 'battery', rank: 3 }]);
  });

  test('the probe tells discharging, on the mains, and none apart', async () => {
    const probe = (root: string) => createBatterySampler({ root, ioreg: NO_IOREG }).probe();
    expect(await probe(tree('Discharging').root)).toMatchObject({
      state: 'ready',
      detail: 'discharging at 14.0 W',
    });
    expect(await probe(tree('Full').root)).toMatchObject({
      state: 'absent',
      remedy: expect.stringContaining('unplug'),
    });
    expect(await probe(sysfsTree().root)).toMatchObject({
      state: 'absent',
      detail: 'this machine has no battery',
    });
  });

  test('recorded lines of Linux and of a Mac are read alike', () => {
    const linux = (at_s: number) =>
      JSON.stringify({ at_s, batteries: [{ status: 'Discharging', power_uW: 9e6 }] });
    const batches = batchesAt(createBatteryParser(), [
      [1, linux(1)],
      [2, linux(2)],
      [3, '{"at_s":3}'],
    ]);
    expect(samplesIn(batches)[0]?.energy_J).toBeCloseTo(9, 9);
    expect(codesIn(batches)).toEqual(['GARBAGE']);
  });
});
