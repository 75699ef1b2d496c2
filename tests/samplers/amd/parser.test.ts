import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createAmdSmiParser } from '../../../samplers/amd-smi.ts';
import { createRocmSmiParser } from '../../../samplers/rocm-smi.ts';
import type { Batch } from '../../../src/core/sample.ts';
import {
  anyCuts,
  codesOf,
  domainsOf,
  eventsOf,
  parsedAtOnce,
  parsedInPieces,
  samplesOf,
} from '../../support/chopped.ts';

const FIXTURES = resolve(import.meta.dirname, '../../fixtures');
const PARSERS = { 'amd-smi': createAmdSmiParser, 'rocm-smi': createRocmSmiParser } as const;
type Tool = keyof typeof PARSERS;

function fixture(tool: Tool, file: string): Buffer {
  return readFileSync(resolve(FIXTURES, tool, file));
}

function parse(tool: Tool, text: string | Buffer): Batch[] {
  return parsedAtOnce(PARSERS[tool](), Buffer.from(text), 0);
}

/** One document a second, the parts after one another. */
function parseEach(tool: Tool, documents: readonly object[]): Batch[] {
  const parser = PARSERS[tool]();
  return documents.flatMap((one, second) => parser.push(Buffer.from(`${JSON.stringify(one)}\n`), second));
}

const amd = (power: object | string, energy_J?: number) => [
  {
    gpu: 0,
    power: { socket_power: power },
    ...(energy_J !== undefined && { energy: { total_energy_consumption: { value: energy_J, unit: 'J' } } }),
  },
];
const W = (value: number) => ({ value, unit: 'W' });

describe('amd-smi', () => {
  test('warnings before the document are passed over; the accumulator gives the joules, the second die none', () => {
    const batches = parse('amd-smi', fixture('amd-smi', 'mi250-pair-watch-1s.json'));
    expect(samplesOf(batches)).toEqual([
      { domain: 'gpu:0', start_s: 0, end_s: 1, energy_J: 100, kind: 'counter' },
      { domain: 'gpu:0', start_s: 1, end_s: 2, energy_J: 175, kind: 'counter' },
      { domain: 'gpu:0', start_s: 2, end_s: 3, energy_J: 275, kind: 'counter' },
    ]);
    expect(domainsOf(batches)).toMatchObject([
      {
        id: 'gpu:0',
        scope: 'GPU socket, AMD energy accumulator',
        kind: 'counter',
        rank: 2,
        systematicRatio: null,
      },
    ]);
    expect(eventsOf(batches)).toMatchObject([
      { code: 'RAIL_MISSING', domain: 'gpu:1', detail: expect.stringContaining('second of a pair') },
    ]);
  });

  test('without an accumulator power is integrated, and its label is kept', () => {
    const batches = parse('amd-smi', fixture('amd-smi', 'navi-gpu-data-no-energy.json'));
    expect(samplesOf(batches).map((sample) => sample.energy_J)).toEqual([32, 36]);
    expect(domainsOf(batches)).toMatchObject([
      { kind: 'averaged', averaging_s: 1, scope: 'GPU socket, AMD sensor (average_socket_power)' },
    ]);
    const fields = batches
      .flatMap((batch) => batch.observations)
      .filter((one) => one.name === 'gpu:0 power_field');
    expect(fields.map((one) => one.value)).toEqual(['average_socket_power']);
  });

  test('CSV says the same as JSON', () => {
    const batches = parse('amd-smi', fixture('amd-smi', 'two-boards-watch-1s.csv'));
    expect(samplesOf(batches).map((sample) => sample.energy_J)).toEqual([41, 43]);
    expect(codesOf(batches)).toEqual(['RAIL_MISSING']);
    const values = batches.flatMap((batch) => batch.observations).map((one) => [one.name, one.value]);
    expect(values).toContainEqual(['gpu:0 vram_B', 8000 * 1024 * 1024]);
    expect(values).toContainEqual(['gpu:0 gtt_B', 64 * 1024 * 1024]);
  });

  test('current power is preferred to an average one', () => {
    const board = { gpu: 0, power: { average_socket_power: W(50), current_socket_power: W(90) } };
    const batches = parseEach('amd-smi', [[board], [board]]);
    expect(samplesOf(batches)).toMatchObject([{ energy_J: 90, kind: 'gauge' }]);
  });

  test('all ones stand for none, of 16 and of 32 bits', () => {
    for (const none of [65_535, 4_294_967_295]) {
      const batches = parseEach('amd-smi', [amd(W(none)), amd(W(none))]);
      expect(samplesOf(batches)).toEqual([]);
      expect(codesOf(batches)).toEqual(['RAIL_MISSING']);
    }
  });

  test('a unit that is printed is used', () => {
    const batches = parseEach('amd-smi', [
      amd({ value: 15_000, unit: 'mW' }),
      amd({ value: 15_000, unit: 'mW' }),
    ]);
    expect(samplesOf(batches)).toMatchObject([{ energy_J: 15 }]);
  });

  test('an integrated GPU that prints milliwatts as watts is UNIT_SUSPECT, its small readings too', () => {
    const batches = parseEach('amd-smi', [amd(W(15_000)), amd(W(900)), amd(W(15_000))]);
    expect(samplesOf(batches)).toEqual([]);
    expect(codesOf(batches)).toEqual(['UNIT_SUSPECT', 'UNIT_SUSPECT', 'UNIT_SUSPECT']);
  });

  test('counts are multiplied with their resolution', () => {
    const board = (counts: number) => [
      { gpu: 0, energy: { energy_accumulator: counts, counter_resolution: 15.3 } },
    ];
    const [sample] = samplesOf(parseEach('amd-smi', [board(1e6), board(3e6)]));
    expect(sample?.energy_J).toBeCloseTo(30.6, 9);
  });

  test('a counter that stands 5 % or more apart from its power is COUNTER_DISAGREES, with both figures', () => {
    const wrong = Array.from({ length: 12 }, (_, second) => amd(W(100), 1000 + 60 * second));
    expect(eventsOf(parseEach('amd-smi', wrong))).toMatchObject([
      {
        code: 'COUNTER_DISAGREES',
        detail: 'the energy counter states 600.0 J, its power 1000.0 J in 10.0 s',
      },
    ]);
    const right = Array.from({ length: 12 }, (_, second) => amd(W(100), 1000 + 96 * second));
    expect(codesOf(parseEach('amd-smi', right))).toEqual([]);
  });

  test('a counter that stands still while power is drawn is ZERO_UNDER_LOAD', () => {
    const stuck = Array.from({ length: 12 }, () => amd(W(100), 1000));
    expect(codesOf(parseEach('amd-smi', stuck))).toEqual(['ZERO_UNDER_LOAD']);
  });

  test('a counter that falls is COUNTER_RESET, one that jumps IMPLAUSIBLE_POWER', () => {
    expect(codesOf(parseEach('amd-smi', [amd('N/A', 500), amd('N/A', 20), amd('N/A', 60)]))).toEqual([
      'COUNTER_RESET',
    ]);
    const jump = parseEach('amd-smi', [amd('N/A', 500), amd('N/A', 9500), amd('N/A', 9560)]);
    expect(codesOf(jump)).toEqual(['IMPLAUSIBLE_POWER']);
    expect(samplesOf(jump).map(({ energy_J }) => energy_J)).toEqual([60]);
  });

  test('a counter that is renewed more slowly than it is read does not jump', () => {
    const coarse = [
      0, 0, 0, 0, 0, 0, 0, 0, 0, 3000, 3000, 3000, 3000, 3000, 3000, 3000, 3000, 3000, 3000, 6000,
    ];
    const batches = parseEach(
      'amd-smi',
      coarse.map((energy_J) => amd('N/A', 500 + energy_J)),
    );
    expect(codesOf(batches)).toEqual([]);
    expect(samplesOf(batches).reduce((sum_J, { energy_J }) => sum_J + energy_J, 0)).toBe(6000);
  });

  test('a failed read of the counter is bridged exactly', () => {
    const samples = samplesOf(parseEach('amd-smi', [amd(W(50), 100), amd('N/A'), amd(W(50), 220)]));
    expect(samples).toMatchObject([{ start_s: 0, end_s: 2, energy_J: 120 }]);
  });
});

describe('rocm-smi', () => {
  test('the accumulator in µJ gives the joules, the limit the bound, the second die nothing', () => {
    const parser = createRocmSmiParser();
    const text = fixture('rocm-smi', 'pair-energy.json').toString();
    const batches = text.split(/(?<=\n)/).flatMap((line, second) => parser.push(Buffer.from(line), second));
    expect(samplesOf(batches).map((sample) => sample.energy_J)).toEqual([
      expect.closeTo(61.2, 6),
      expect.closeTo(61.2, 6),
    ]);
    expect(domainsOf(batches)).toMatchObject([{ id: 'gpu:0', kind: 'counter', maxPower_W: 339 * 1.2 }]);
    expect(eventsOf(batches)).toMatchObject([
      { code: 'RAIL_MISSING', domain: 'gpu:1', detail: expect.stringContaining('N/A (Secondary die)') },
    ]);
  });

  test('CSV of a newer card: current socket power, a gauge', () => {
    const parser = createRocmSmiParser();
    const table = 'device,Current Socket Graphics Package Power (W)\ncard0,35.0\n\n';
    const batches = [0, 2, 4].flatMap((at_s) => parser.push(Buffer.from(table), at_s));
    expect([...batches, ...parser.end(4)].flatMap((batch) => batch.samples)).toMatchObject([
      { energy_J: 70, kind: 'gauge' },
      { energy_J: 70, kind: 'gauge' },
    ]);
  });
});

describe('both tools', () => {
  test.each([
    'ERROR: no such device',
    'Traceback (most recent call last):',
    '{"gpu": ',
    '[{"cpu": 0}]',
    'null',
  ])('%s is GARBAGE, and what follows is read', (line) => {
    const board = JSON.stringify(amd(W(50)));
    const batches = parse('amd-smi', `${line}\n${board}\n`);
    expect(codesOf(batches)).toEqual(['GARBAGE']);
    expect(domainsOf(batches)).toHaveLength(1);
  });

  test.each([
    'WARNING: AMD GPU device(s) is/are in a low-power state.',
    "'CTRL' + 'C' to stop watching output:",
    '======',
  ])('%s is no loss', (line) => {
    expect(
      codesOf(parse('rocm-smi', `${line}\n${JSON.stringify({ card0: { 'GPU use (%)': '3' } })}\n`)),
    ).toEqual(['RAIL_MISSING']);
  });

  test('a document that was cut off is lost, the next one is not', () => {
    const whole = JSON.stringify(amd(W(50)), null, 4);
    const batches = parse('amd-smi', `${whole}\n${whole.slice(0, 40)}\n${whole}\n`);
    expect(codesOf(batches)).toEqual(['GARBAGE']);
    expect(batches).toHaveLength(3);
  });

  const files = (Object.keys(PARSERS) as Tool[]).flatMap((tool) =>
    readdirSync(resolve(FIXTURES, tool))
      .filter((file) => !file.endsWith('.md'))
      .map((file) => [tool, file] as const),
  );

  test.each(files)('any chunking of %s/%s gives the same batches', (tool, file) => {
    const bytes = fixture(tool, file);
    const whole = parsedAtOnce(PARSERS[tool](), bytes);
    fc.assert(
      fc.property(anyCuts(bytes.length), (cuts) => {
        expect(parsedInPieces(PARSERS[tool](), bytes, cuts)).toEqual(whole);
      }),
      { numRuns: 40 },
    );
  });
});
