import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createNvidiaSmiParser } from '../../../samplers/nvidia-smi/parser.ts';
import {
  anyCuts,
  codesOf,
  domainsOf,
  eventsOf,
  parsedAtOnce,
  parsedByLine,
  parsedInPieces,
  samplesOf,
} from '../../support/chopped.ts';
import { NVIDIA_HEADER, nvidiaRow, nvidiaTable } from '../../support/gpu-text.ts';

const FIXTURES = resolve(import.meta.dirname, '../../fixtures/nvidia-smi');
const fixture = (file: string): Buffer => readFileSync(resolve(FIXTURES, file));
const parse = (text: string) => parsedAtOnce(createNvidiaSmiParser(), Buffer.from(text), 0);

describe('createNvidiaSmiParser', () => {
  test('two boards of one tick are one batch, at one time', () => {
    const batches = parsedAtOnce(createNvidiaSmiParser(), fixture('two-boards-550-100ms.csv'), 0);
    expect(batches).toHaveLength(6);
    const [, second] = batches;
    expect(second?.samples.map(({ domain, end_s }) => [domain, end_s])).toEqual([
      ['gpu:0', 0.1],
      ['gpu:1', 0.1],
    ]);
    expect(second?.samples[0]?.energy_J).toBeCloseTo(10.5, 12);
    expect(second?.samples[1]?.energy_J).toBeCloseTo(2, 12);
    const energy_J = samplesOf(batches)
      .filter((sample) => sample.domain === 'gpu:0')
      .reduce((sum_J, sample) => sum_J + sample.energy_J, 0);
    expect(energy_J).toBeCloseTo(10.5 + 11 + 20.5 + 36.025 + 42.5375, 9);
    expect(codesOf(batches)).toEqual([]);
  });

  test('instant power is preferred and the board, its limit and its sensor are declared', () => {
    const domains = domainsOf(parsedAtOnce(createNvidiaSmiParser(), fixture('two-boards-550-100ms.csv'), 0));
    expect(domains).toEqual([
      {
        id: 'gpu:0',
        label: 'NVIDIA GeForce RTX 4090',
        parent: null,
        scope: 'GPU board incl. memory, NVIDIA sensor (power.draw.instant)',
        source: 'nvidia-smi',
        kind: 'gauge',
        rank: 2,
        quantum_J: 0.001,
        rails: 1,
        minPower_W: 0,
        maxPower_W: 540,
        misalignment_s: expect.closeTo(0.105, 9),
        averaging_s: null,
        systematicRatio: 0.05,
      },
      expect.objectContaining({
        id: 'gpu:1',
        scope:
          'GPU board incl. memory, NVIDIA sensor (power.draw.instant), all MIG instances together, which sees part of the time',
        maxPower_W: 300,
      }),
    ]);
  });

  test('observations are named by their board, throttle reasons in words', () => {
    const batches = parsedAtOnce(createNvidiaSmiParser(), fixture('two-boards-550-100ms.csv'), 0);
    const values = new Map(
      batches.flatMap((batch) => batch.observations).map((one) => [one.name, one.value]),
    );
    expect(Object.fromEntries(values)).toMatchObject({
      'gpu:0 uuid': 'GPU-11111111-2222-3333-4444-555555555555',
      'gpu:0 throttle_reasons': 'gpu_idle',
      'gpu:0 memory_MiB': 18234,
      'gpu:0 power_field': 'power.draw.instant',
      'gpu:1 mig': 'Enabled',
      'gpu:1 temperature_C': 31,
    });
  });

  test('an old driver: averaged power, units behind the numbers, a failed reading breaks the chain once and is named', () => {
    const batches = parsedByLine(createNvidiaSmiParser(), fixture('one-board-470-units.csv').toString(), {
      from_s: 9,
    });
    expect(samplesOf(batches).map(({ start_s, end_s, energy_J }) => [start_s, end_s, energy_J])).toEqual([
      [10, 11, 55.7],
      [13, 14, 57.5],
    ]);
    expect(domainsOf(batches)[0]).toMatchObject({ kind: 'averaged', averaging_s: 0.1, maxPower_W: 300 });
    const missing = eventsOf(batches).filter((event) => event.code === 'RAIL_MISSING');
    expect(missing).toMatchObject([
      {
        at_s: 12,
        domain: 'gpu:0',
        detail: 'gpu:0 (NVIDIA GeForce RTX 2080 Ti) gives no power: [Unknown Error]',
      },
    ]);
    expect(codesOf(batches).filter((code) => code === 'THROTTLED')).toHaveLength(5);
  });

  test('a board without a power sensor has no domain, and is named with what to use instead', () => {
    const batches = parsedAtOnce(createNvidiaSmiParser(), fixture('gb10-580-no-power.csv'), 0);
    expect(domainsOf(batches)).toEqual([]);
    expect(samplesOf(batches)).toEqual([]);
    expect(eventsOf(batches)).toMatchObject([
      { code: 'RAIL_MISSING', domain: 'gpu:0', detail: expect.stringMatching(/GB10.*\[N\/A\].*tegrastats/) },
    ]);
  });

  test('decimal commas and \\r\\n are read, and a board without a limit has the widest', () => {
    const batches = parsedAtOnce(createNvidiaSmiParser(), fixture('laptop-546-decimal-comma.csv'), 0);
    expect(samplesOf(batches).map((sample) => sample.energy_J)).toEqual([15, 16]);
    expect(domainsOf(batches)[0]?.maxPower_W).toBe(1000);
  });

  test('without a header the fields that were asked for count', () => {
    const parser = createNvidiaSmiParser(['index', 'power.draw']);
    const batches = parsedByLine(parser, '0, 20.00\n0, 40.00\n0, 40.00\n');
    expect(samplesOf(batches).map((sample) => sample.energy_J)).toEqual([30, 40]);
  });

  test.each([
    '[N/A]',
    '[Not Supported]',
    '[Unknown Error]',
    'ERR!',
    '[Insufficient Permissions]',
    '[GPU is lost]',
  ])('power %s is missing, never 0', (word) => {
    const batches = parse(nvidiaTable([{}, {}, { power: word }, { power: word }, {}, {}]));
    expect(samplesOf(batches).map((sample) => sample.energy_J)).toEqual([100, 100]);
    expect(codesOf(batches)).toEqual(['RAIL_MISSING']);
  });

  test('a field that once gave a number is kept: no other one takes its place', () => {
    const header = 'timestamp, count, index, power.draw.instant [W], power.draw [W]\n';
    const row = (second: number, cells: string): string =>
      `2026/11/22 10:00:0${second}.000, 1, 0, ${cells}\n`;
    const text = `${header}${row(0, '10, 99')}${row(1, '20, 99')}${row(2, '[N/A], 99')}${row(3, '30, 99')}${row(4, '30, 99')}`;
    expect(samplesOf(parse(text)).map((sample) => sample.energy_J)).toEqual([15, 30]);
  });

  test('milliwatts taken for watts are UNIT_SUSPECT, from the first one on, and become no joules', () => {
    const batches = parse(nvidiaTable([{}, {}, { power: '98000.00' }, { power: '100.00' }]));
    expect(samplesOf(batches)).toHaveLength(1);
    expect(codesOf(batches).filter((code) => code === 'UNIT_SUSPECT')).toHaveLength(2);
  });

  test('power far over the limit is IMPLAUSIBLE_POWER and becomes no joules', () => {
    const batches = parse(nvidiaTable([{}, {}, { power: '700.00' }, {}, {}]));
    expect(samplesOf(batches)).toHaveLength(2);
    expect(eventsOf(batches)).toMatchObject([
      { code: 'IMPLAUSIBLE_POWER', detail: 'power.draw.instant states 700 W; its limit is 300 W' },
    ]);
  });

  test('an overshoot of the limit is a reading', () => {
    const batches = parse(nvidiaTable([{ power: '400.00' }, { power: '400.00' }]));
    expect(samplesOf(batches)).toMatchObject([{ energy_J: 400 }]);
    expect(codesOf(batches)).toEqual([]);
  });

  test('zero watts at work are ZERO_UNDER_LOAD; at rest they are a reading', () => {
    expect(codesOf(parse(nvidiaTable([{ power: '0.00', load: '90' }])))).toEqual(['ZERO_UNDER_LOAD']);
    expect(codesOf(parse(nvidiaTable([{ power: '0.00', load: '0' }])))).toEqual([]);
  });

  test('a reading that stands still for ten seconds is STALE_READING, once', () => {
    const batches = parse(nvidiaTable(Array.from({ length: 30 }, () => ({}))));
    expect(samplesOf(batches)).toHaveLength(29);
    expect(eventsOf(batches)).toMatchObject([
      { code: 'STALE_READING', detail: 'power.draw.instant has stood at 100 W for 10.0 s' },
    ]);
  });

  test('the update period is measured from runs of equal readings', () => {
    const rows = Array.from({ length: 200 }, (_, i) => ({
      power: (100 + (Math.floor(i / 5) % 7)).toFixed(2),
    }));
    const periods = parse(nvidiaTable(rows, 0.02))
      .flatMap((batch) => batch.observations)
      .filter((one) => one.name === 'gpu:0 update_period_s');
    expect(periods).toHaveLength(1);
    expect(periods[0]?.value).toBeCloseTo(0.1, 6);
  });

  test('a power cap is no throttling; heat is, again each second while it lasts', () => {
    expect(codesOf(parse(nvidiaTable([{ reasons: '0x0000000000000004' }])))).toEqual([]);
    const hot = Array.from({ length: 6 }, () => ({ reasons: '0x0000000000000048' }));
    const events = eventsOf(parse(nvidiaTable(hot, 0.5)));
    expect(events.map((event) => [event.code, event.at_s])).toEqual([
      ['THROTTLED', 0],
      ['THROTTLED', 1],
      ['THROTTLED', 2],
    ]);
    expect(events[0]?.detail).toBe('gpu:0 is slowed by hw_slowdown, hw_thermal_slowdown');
  });

  test('a tick that lost one of its boards ends with the next tick', () => {
    const text =
      NVIDIA_HEADER +
      [0, 1, 2].map((second) => nvidiaRow({ second, count: 2, index: 1, power: '10.00' })).join('');
    expect(samplesOf(parse(text)).map(({ domain, energy_J }) => [domain, energy_J])).toEqual([
      ['gpu:1', 10],
      ['gpu:1', 10],
    ]);
  });

  test.each([
    ['Unable to determine the device handle for GPU1: 0000:34:00.0: Unknown Error', 'SAMPLER_DIED', 'gpu:1'],
    [
      'Unable to determine the device handle for GPU 0: GPU is lost.  Reboot the system',
      'SAMPLER_DIED',
      'gpu:0',
    ],
    ['Unable to determine the device handle for GPU0000:CB:00.0: Unknown Error', 'SAMPLER_DIED', null],
    ["NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver.", 'SAMPLER_DIED', null],
    ['Failed to initialize NVML: Driver/library version mismatch', 'SAMPLER_DIED', null],
    ['No devices were found', 'SAMPLER_DIED', null],
    ['Field "power.draw.instant" is not a valid field to query.', 'GARBAGE', null],
    ['0, GPU-1, 12', 'GARBAGE', null],
  ])('%s becomes %s', (line, code, domain) => {
    const batches = parse(`${nvidiaTable([{}, {}])}${line}\n${nvidiaRow({ second: 2 })}`);
    expect(eventsOf(batches)).toMatchObject([{ code, domain }]);
    expect(samplesOf(batches)).toHaveLength(2);
  });

  test.each(['two-boards-550-100ms.csv', 'one-board-470-units.csv', 'laptop-546-decimal-comma.csv'])(
    'any chunking of %s gives the same batches',
    (file) => {
      const bytes = fixture(file);
      const whole = parsedAtOnce(createNvidiaSmiParser(), bytes);
      fc.assert(
        fc.property(anyCuts(bytes.length), (cuts) => {
          expect(parsedInPieces(createNvidiaSmiParser(), bytes, cuts)).toEqual(whole);
        }),
        { numRuns: 40 },
      );
    },
  );
});
