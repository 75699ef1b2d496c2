import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { samplerById } from '../../samplers/index.ts';
import { batchesOf, codesIn, samplesIn } from '../support/batches.ts';

const FIXTURES = resolve(import.meta.dirname, '../fixtures');

interface Golden {
  readonly format: string;
  readonly file: string;
  /** Joules by domain, from the formulas that the fixture was written with, not from the parser. */
  readonly energy_J: Readonly<Record<string, number>>;
  readonly codes: readonly string[];
}

const GOLDEN: readonly Golden[] = [
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

describe('recorded bytes of each source', () => {
  test.each(GOLDEN.map((one) => [`${one.format}/${one.file}`, one] as const))(
    '%s hold the joules that they were written with',
    (_, { format, file, energy_J, codes }) => {
      const text = readFileSync(join(FIXTURES, format, file), 'utf8');
      const batches = batchesOf(samplerById(format).createParser(), text, 0);
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
