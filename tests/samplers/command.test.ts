import { describe, expect, test } from 'vitest';
import { createCommandParser, createCommandSampler } from '../../samplers/command/sampler.ts';
import { type CommandSpec, parseCommandFormat, parseCommandSpec } from '../../samplers/command/spec.ts';
import { samplerById } from '../../samplers/index.ts';
import { splitSamplerList } from '../../samplers/spec.ts';
import { systemClock } from '../../src/core/clock.ts';
import { batchesAt, codesIn, domainsIn, firstBatches, samplesIn } from '../support/batches.ts';

function spec(text: string): CommandSpec {
  const parsed = parseCommandSpec(text);
  if ('wrong' in parsed) throw new Error(parsed.wrong);
  return parsed;
}

describe('parseCommandSpec', () => {
  test('watts at the wall are the default', () => {
    expect(spec('command:read-plug --fast')).toMatchObject({
      command: 'read-plug --fast',
      unit: 'W',
      kind: 'gauge',
      domain: 'wall',
      field: null,
    });
  });

  test('options stand in brackets; the command may hold commas, colons and brackets', () => {
    expect(spec('command[unit=kWh,domain=system,max=800]:mosquitto_sub -t a[0],b:c')).toMatchObject({
      command: 'mosquitto_sub -t a[0],b:c',
      unit: 'kWh',
      kind: 'counter',
      domain: 'system',
      maxPower_W: 800,
    });
  });

  test.each([
    ['command:', 'names no command'],
    ['command[unit=W]:  ', 'names no command'],
    ['command[unit=V]:x', 'unit V'],
    ['command[kind=counter]:x', 'gauge, averaged, mean'],
    ['command[unit=Wh,kind=mean]:x', 'counter'],
    ['command[colour=red]:x', 'no option colour'],
    ['command[max=-1]:x', 'max'],
    ['command[averaging=0]:x', 'averaging'],
    ['command[domain=My Wall]:x', 'no name of a domain'],
  ])('%s is refused', (text, words) => {
    expect(parseCommandSpec(text)).toEqual({ wrong: expect.stringContaining(words) });
    expect(() => samplerById(text)).toThrow(expect.objectContaining({ code: 'USAGE' }));
  });

  test('a list keeps a command whole, and a recording takes the same options', () => {
    expect(splitSamplerList('command[unit=W,domain=wall]:a,b')).toEqual(['command[unit=W,domain=wall]:a,b']);
    expect(parseCommandFormat('command[unit=mW]')).toMatchObject({ command: null, unit: 'mW' });
    expect(samplerById('replay:command[unit=mW]:plug.txt').id).toBe('replay:command');
  });
});

describe('lines of a command', () => {
  test('a number a line, with a decimal comma or a unit of its own, is a gauge', () => {
    const batches = batchesAt(createCommandParser(spec('command:x')), [
      [0, '60.5'],
      [1, '61,5 W'],
      [2, ' 60 '],
    ]);
    expect(samplesIn(batches).map((sample) => sample.energy_J)).toEqual([61, 60.75]);
    expect(domainsIn(batches)).toMatchObject([
      { id: 'wall', rank: 4, kind: 'gauge', source: 'command:wall' },
    ]);
  });

  test.each([
    ['field=StatusSNS.ENERGY.Power', '{"StatusSNS":{"ENERGY":{"Power":90,"Voltage":231}}}'],
    ['field=channels.1.w', '{"channels":[{"w":1},{"w":"90 W"}]}'],
    ['', '{"power":90,"unit":"W"}'],
  ])('JSON is read by path: %s', (options, text) => {
    const parser = createCommandParser(spec(`command[${options}]:x`));
    const batches = batchesAt(parser, [
      [0, text],
      [2, text],
    ]);
    expect(samplesIn(batches).map((sample) => sample.energy_J)).toEqual([180]);
  });

  test('kilowatt-hours are a counter, and a coarse one is no jump', () => {
    const parser = createCommandParser(spec('command[unit=kWh]:x'));
    const lines = Array.from(
      { length: 121 },
      (_, t) => [t, t < 60 ? '1.00' : t < 120 ? '1.01' : '1.02'] as const,
    );
    const batches = batchesAt(parser, lines);
    const energy_J = samplesIn(batches).reduce((sum_J, sample) => sum_J + sample.energy_J, 0);
    expect(energy_J).toBeCloseTo(72_000, 3);
    expect(codesIn(batches)).not.toContain('IMPLAUSIBLE_POWER');
  });

  test('a mean stands for the time since the line before', () => {
    const batches = batchesAt(createCommandParser(spec('command[kind=mean]:x')), [
      [0, '50'],
      [2, '60'],
    ]);
    expect(samplesIn(batches)).toEqual([
      { domain: 'wall', start_s: 0, end_s: 2, energy_J: 120, kind: 'mean' },
    ]);
  });

  test('milliwatts read as watts are suspected, and watts read as milliwatts', () => {
    expect(codesIn(batchesAt(createCommandParser(spec('command:x')), [[0, '65000']]))).toEqual([
      'UNIT_SUSPECT',
    ]);
    const small = createCommandParser(spec('command[unit=mW]:x'));
    expect(codesIn(batchesAt(small, [[0, '65']]))).toEqual(['UNIT_SUSPECT']);
    expect(codesIn(batchesAt(createCommandParser(spec('command:x')), [[0, '65000 mW']]))).toEqual([
      'UNIT_SUSPECT',
    ]);
  });

  test('a meter that repeats itself for half a minute is stale', () => {
    const lines = Array.from({ length: 35 }, (_, t) => [t, '63.2'] as const);
    expect(codesIn(batchesAt(createCommandParser(spec('command:x')), lines))).toEqual(['STALE_READING']);
  });

  test('what is no number is named', () => {
    const parser = createCommandParser(spec('command[field=power]:x'));
    const batches = batchesAt(parser, [
      [0, 'curl: (7) Failed to connect'],
      [1, '{"pow":1}'],
      [2, '{"power":'],
      [3, '{"power":null}'],
    ]);
    expect(codesIn(batches)).toEqual(['GARBAGE', 'GARBAGE', 'GARBAGE', 'GARBAGE']);
  });
});

describe.skipIf(process.platform === 'win32')('createCommandSampler', () => {
  test('runs the command through a shell, which learns the interval asked for', async () => {
    const sampler = createCommandSampler(
      spec('command[max=9000]:echo $LMPOWER_INTERVAL_MS | sed s/5/6/; sleep 60'),
    );
    const batches = await firstBatches(sampler, 1, { interval_ms: 250, clock: systemClock });
    expect(domainsIn(batches)).toHaveLength(1);
    expect(codesIn(batches)).toEqual([]);
  });

  test('one that ends without a number is an error with its words', async () => {
    const sampler = createCommandSampler(spec('command:echo no plug >&2; exit 3'));
    await expect(firstBatches(sampler, 1, { interval_ms: 100, clock: systemClock })).rejects.toMatchObject({
      code: 'SAMPLER_UNAVAILABLE',
      message: expect.stringContaining('no plug'),
    });
  });

  test('one that ends after its readings is a death, and they are kept', async () => {
    const sampler = createCommandSampler(spec('command:echo 50; echo 51'));
    const batches = await firstBatches(sampler, 9, { interval_ms: 100, clock: systemClock });
    expect(codesIn(batches)).toEqual(['SAMPLER_DIED']);
    expect(domainsIn(batches)).toHaveLength(1);
  });

  test('its text, which may hold a password, is in no name', () => {
    expect(createCommandSampler(spec('command:curl -u me:secret plug')).id).toBe('command:wall');
  });

  test('without a command it is absent and says how', async () => {
    expect(await createCommandSampler().probe()).toMatchObject({
      state: 'absent',
      remedy: expect.stringContaining('--sampler'),
    });
  });
});
