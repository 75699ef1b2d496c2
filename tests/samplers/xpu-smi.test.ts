import { describe, expect, test } from 'vitest';
import { createXpuSmiParser } from '../../samplers/xpu-smi.ts';
import { batchesAt, codesIn, domainsIn, samplesIn } from '../support/batches.ts';

const HEADER =
  'Timestamp, DeviceId, GPU Utilization (%), GPU Power (W), GPU Frequency (MHz), GPU Core Temperature (Celsius Degree), GPU Energy Consumed (J)';

describe('xpu-smi dump', () => {
  test('energy that is counted is preferred to power, board by board', () => {
    const batches = batchesAt(createXpuSmiParser(), [
      [0, HEADER],
      [1, '06:14:46.000,    0, 10.00, 100.00, 1600, 48.00, 1000.00'],
      [1, '06:14:46.000,    1, 10.00, 50.00, 1600, 48.00, 7000.00'],
      [2, '06:14:47.000,    0, 90.00, 140.00, 1600, 48.00, 1120.00'],
      [2, '06:14:47.000,    1, 10.00, 50.00, 1600, 48.00, 7050.00'],
    ]);
    expect(samplesIn(batches).map(({ domain, energy_J, kind }) => [domain, energy_J, kind])).toEqual([
      ['gpu:0', 120, 'counter'],
      ['gpu:1', 50, 'counter'],
    ]);
  });

  test('without a counter the mean power of the daemon is used', () => {
    const batches = batchesAt(createXpuSmiParser(), [
      [0, HEADER],
      [1, '06:14:46.000,    0, 10.00, 100.00, 1600, N/A, N/A'],
      [2, '06:14:47.000,    0, 90.00, 140.00, 1600, N/A, N/A'],
    ]);
    expect(samplesIn(batches)).toMatchObject([{ energy_J: 120, kind: 'averaged', startPower_W: 100 }]);
    expect(domainsIn(batches)[0]).toMatchObject({ id: 'gpu:0', averaging_s: 1 });
  });

  test('a row that was cut, and a row before its header, are named', () => {
    const batches = batchesAt(createXpuSmiParser(), [
      [0, '06:14:46.000, 0, 1.0'],
      [1, HEADER],
      [2, '06:14:47.000,    0, 90.00, 14'],
      [3, 'Error: Level Zero Initialization Error'],
    ]);
    expect(codesIn(batches)).toEqual(['GARBAGE', 'GARBAGE', 'GARBAGE']);
  });
});
