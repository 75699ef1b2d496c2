import { describe, expect, test } from 'vitest';
import { createTegrastatsParser } from '../../samplers/tegrastats.ts';
import { batchesAt, batchesOf, codesIn, domainsIn, samplesIn } from '../support/batches.ts';

const HEAD =
  'RAM 2448/7620MB (lfb 14x4MB) SWAP 0/3810MB (cached 0MB) CPU [5%@1344,off,3%@1344] GR3D_FREQ 37%';
const orin = (in_mW: number, cpu_mW: number): string =>
  `11-22-2026 15:04:05 ${HEAD} cpu@48.5C tj@49.1C VDD_IN ${in_mW}mW/4987mW VDD_CPU_GPU_CV ${cpu_mW}mW/800mW VDD_SOC 1400mW/1390mW`;

describe('tegrastats lines', () => {
  test('the instant of each rail is a gauge, and the input is the module', () => {
    const batches = batchesAt(createTegrastatsParser(), [
      [1, orin(5000, 800)],
      [2, orin(7000, 1200)],
    ]);
    expect(samplesIn(batches, 'board')).toEqual([
      {
        domain: 'board',
        start_s: 1,
        end_s: 2,
        energy_J: 6,
        kind: 'gauge',
        startPower_W: 5,
        endPower_W: 7,
      },
    ]);
    expect(samplesIn(batches, 'vdd_cpu_gpu_cv')[0]?.energy_J).toBeCloseTo(1, 9);
    expect(domainsIn(batches).map(({ id, parent, rank }) => [id, parent, rank])).toEqual([
      ['board', null, 2],
      ['vdd_cpu_gpu_cv', 'board', 0],
      ['vdd_soc', 'board', 0],
    ]);
  });

  test('memory and swap are no rails', () => {
    const batches = batchesOf(createTegrastatsParser(), `${orin(5000, 800)}\n`);
    expect(domainsIn(batches)).toHaveLength(3);
  });

  test.each([
    [
      'older releases, without a unit',
      'POM_5V_IN 1750/1628 POM_5V_GPU 0/0 POM_5V_CPU 366/406',
      ['board', 'gpu:0', 'cpu'],
    ],
    [
      'newer ones, with a third value',
      'VDD_IN 7006mW/7006mW/7006mW VDD_SOC 100mW/100mW/100mW',
      ['board', 'vdd_soc'],
    ],
  ])('%s are read', (_, rails, ids) => {
    const batches = batchesOf(createTegrastatsParser(), `${HEAD} ${rails}\n`);
    expect(domainsIn(batches).map((domain) => domain.id)).toEqual(ids);
  });

  test('a module without an input rail is the sum of its rails, memory fed by another rail counted once', () => {
    const rails =
      'VDD_GPU_SOC 2000mW/1mW VDD_CPU_CV 500mW/1mW VIN_SYS_5V0 3000mW/1mW VDDQ_VDD2_1V8AO 700mW/1mW';
    const batches = batchesAt(createTegrastatsParser(), [
      [0, `${HEAD} ${rails}`],
      [1, `${HEAD} ${rails}`],
      [2, `${HEAD} ${rails.replace('VDD_CPU_CV 500mW/1mW ', '')}`],
    ]);
    expect(samplesIn(batches, 'board').map((sample) => sample.energy_J)).toEqual([5.5]);
    expect(codesIn(batches)).toEqual(['RAIL_MISSING', 'RAIL_MISSING']);
  });

  test('a power that no module draws is implausible and breaks the chain', () => {
    const batches = batchesAt(createTegrastatsParser(), [
      [0, orin(5000, 800)],
      [1, orin(900_000, 800)],
      [2, orin(5000, 800)],
    ]);
    expect(codesIn(batches)).toEqual(['IMPLAUSIBLE_POWER']);
    expect(samplesIn(batches, 'board')).toEqual([]);
  });

  test('a line without rails is named', () => {
    expect(codesIn(batchesOf(createTegrastatsParser(), `${HEAD}\n`))).toEqual(['GARBAGE']);
  });
});
