import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { samplerById } from '../../samplers/index.ts';
import type { Parser } from '../../samplers/sampler.ts';
import type { Batch } from '../../src/core/sample.ts';
import { batchesOf, codesIn, samplesIn } from '../support/batches.ts';

const FIXTURES = resolve(import.meta.dirname, '../fixtures');

interface Golden {
  readonly format: string;
  readonly file: string;
  /** Joules by domain, from the formulas that the fixture was written with, not from the parser. */
  readonly energy_J: Readonly<Record<string, number>>;
  readonly codes: readonly string[];
  /** Where a reading begins, in a format that states no time: its readings arrive a second apart. */
  readonly readings?: RegExp;
}

const GOLDEN: readonly Golden[] = [
  {
    format: 'nvidia-smi',
    file: 'two-boards-550-100ms.csv',
    // 0.1 s x (105 + 110 + 205 + 360.25 + 425.375) W, 0.1 s x (20 + 21 + 23 + 25 + 27) W
    energy_J: { 'gpu:0': 120.5625, 'gpu:1': 11.6 },
    codes: [],
  },
  {
    format: 'nvidia-smi',
    file: 'laptop-546-decimal-comma.csv',
    energy_J: { 'gpu:0': (14.25 + 15.75) / 2 + (15.75 + 16.25) / 2 },
    codes: [],
  },
  {
    format: 'nvidia-smi',
    file: 'one-board-470-units.csv',
    readings: /^(?=\d)/m,
    // The failed reading between them breaks the chain.
    energy_J: { 'gpu:0': (55.1 + 56.3) / 2 + (57 + 58) / 2 },
    codes: ['THROTTLED', 'THROTTLED', 'RAIL_MISSING', 'THROTTLED', 'THROTTLED', 'THROTTLED'],
  },
  { format: 'nvidia-smi', file: 'gb10-580-no-power.csv', energy_J: {}, codes: ['RAIL_MISSING'] },
  {
    format: 'amd-smi',
    file: 'mi250-pair-watch-1s.json',
    energy_J: { 'gpu:0': 100 + 175 + 275 },
    codes: ['RAIL_MISSING'],
  },
  {
    format: 'amd-smi',
    file: 'navi-gpu-data-no-energy.json',
    energy_J: { 'gpu:0': (30 + 34) / 2 + (34 + 38) / 2 },
    codes: [],
  },
  {
    format: 'amd-smi',
    file: 'two-boards-watch-1s.csv',
    energy_J: { 'gpu:0': 41 + 43 },
    codes: ['RAIL_MISSING'],
  },
  {
    format: 'rocm-smi',
    file: 'pair-energy.json',
    readings: /^(?=\{)/m,
    // Counts x 15.3 microjoules: 4,000,000 from each reading to the next.
    energy_J: { 'gpu:0': 61.2 + 61.2 },
    codes: ['RAIL_MISSING'],
  },
  {
    format: 'rocm-smi',
    file: 'apu-current-socket.csv',
    readings: /^(?=device)/m,
    energy_J: { 'gpu:0': 35 + 35 },
    codes: [],
  },
  {
    format: 'powercap',
    file: 'two-sockets-500ms.jsonl',
    energy_J: {
      'package:0': 1300.3429,
      'core:0': 910.24,
      'uncore:0': 23.4,
      'dram:0': 78.0,
      'package:1': 819.0,
    },
    codes: ['RAIL_MISSING'],
  },
  {
    format: 'hwmon',
    file: 'card-and-apu-500ms.jsonl',
    energy_J: { 'gpu:0': 1982.6983, soc: 279.7945 },
    codes: ['RAIL_MISSING'],
  },
  { format: 'battery', file: 'laptop-1s.jsonl', energy_J: { battery: 307.2694 }, codes: [] },
  {
    format: 'intel-gpu-top',
    file: 'integrated-500ms.json',
    energy_J: { 'gpu:0': 38.9727, 'package:0': 261.1491 },
    codes: [],
  },
  {
    format: 'xpu-smi',
    file: 'two-boards-1s.csv',
    energy_J: { 'gpu:0': 2040.1458, 'gpu:1': 2560.8004 },
    codes: [],
  },
  {
    format: 'macmon',
    file: 'm3-pro-500ms.jsonl',
    energy_J: { cpu: 62.6812, gpu: 177.5851, ane: 0.0, soc: 240.2663, dram: 10.8413, system: 363.9748 },
    codes: ['RAIL_MISSING'],
  },
  {
    format: 'tegrastats',
    file: 'orin-nano-1s.txt',
    energy_J: { board: 211.2645, vdd_cpu_gpu_cv: 73.9215, vdd_soc: 57.0235 },
    codes: [],
  },
  {
    format: 'windows-energy-meter',
    file: 'ultra7-1s.csv',
    energy_J: { 'package:0': 418.785, 'core:0': 269.5233, 'uncore:0': 5.8, 'dram:0': 26.1 },
    codes: ['RAIL_MISSING', 'RAIL_MISSING', 'RAIL_MISSING', 'RAIL_MISSING'],
  },
];

function batchesApart(parser: Parser, readings: readonly string[]): Batch[] {
  const batches = readings.flatMap((reading, i) => parser.push(Buffer.from(reading), i));
  return [...batches, ...parser.end(readings.length - 1)];
}

describe('recorded bytes of each source', () => {
  test.each(GOLDEN.map((one) => [`${one.format}/${one.file}`, one] as const))(
    '%s hold the joules that they were written with',
    (_, { format, file, energy_J, codes, readings }) => {
      const text = readFileSync(join(FIXTURES, format, file), 'utf8');
      const parser = samplerById(format).createParser();
      const batches =
        readings === undefined ? batchesOf(parser, text, 0) : batchesApart(parser, text.split(readings));
      const read: Record<string, number> = {};
      for (const sample of samplesIn(batches)) {
        read[sample.domain] = (read[sample.domain] ?? 0) + sample.energy_J;
      }
      expect(Object.keys(read).sort()).toEqual(Object.keys(energy_J).sort());
      for (const [domain, expected_J] of Object.entries(energy_J)) {
        const error_J = Math.abs((read[domain] ?? Number.NaN) - expected_J);
        expect(error_J).toBeLessThanOrEqual(1e-4 * expected_J);
      }
      expect(codesIn(batches)).toEqual(codes);
    },
  );
});
