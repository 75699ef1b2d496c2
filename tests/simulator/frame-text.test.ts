import { describe, expect, test } from 'vitest';
import { type FrameReading, frameText, METER_SAMPLERS } from '../../src/simulator/frame-text.ts';
import { DEFAULT_MACHINE } from '../../src/simulator/machine.ts';
import { asDict, asDicts, numberAt, readFrame } from '../support/meter-frames.ts';

const READING: FrameReading = {
  elapsed_ns: 1_016_855_375,
  energy_mJ: { cpu: 1516, gpu: 284, ane: 4 },
  gpuWindow_ns: 1_017_300_000,
  endedAt: '2026-01-22T21:07:07.512Z',
  boottime_s: 1_768_000_000,
  machine: DEFAULT_MACHINE,
  samplers: METER_SAMPLERS,
};

function busySum_ns(block: Record<string, unknown>): number {
  return asDicts(block['dvfm_states']).reduce((sum, state) => sum + numberAt(state, 'used_ns'), 0);
}

describe('frameText', () => {
  const frame = readFrame(frameText(READING));
  const processor = asDict(frame['processor']);
  const gpu = asDict(frame['gpu']);

  test('is one document that ends at </plist> and a line feed', () => {
    const text = frameText(READING);
    expect(text.startsWith('<?xml version="1.0" encoding="UTF-8"?>\n')).toBe(true);
    expect(text.endsWith('</dict>\n</plist>\n')).toBe(true);
    expect(text).not.toContain('\0');
  });

  test('has the top-level keys of the real tool', () => {
    expect(Object.keys(frame).sort()).toEqual(
      [
        'elapsed_ns',
        'gpu',
        'hw_model',
        'is_delta',
        'kern_bootargs',
        'kern_boottime',
        'kern_osversion',
        'processor',
        'thermal_pressure',
        'timestamp',
      ].sort(),
    );
    expect(frame).toMatchObject({ is_delta: true, elapsed_ns: 1_016_855_375, thermal_pressure: 'Nominal' });
  });

  test('dates the frame in whole seconds', () => {
    expect(frame['timestamp']).toEqual(new Date('2026-01-22T21:07:07Z'));
  });

  test('gives power as energy over the window, to six digits', () => {
    expect(frameText(READING)).toContain('<key>cpu_power</key><real>1490.87</real>');
    expect(frameText(READING)).toContain('<key>ane_power</key><real>3.9337</real>');
    for (const rail of ['cpu', 'gpu', 'ane']) {
      const exact_mW = numberAt(processor, `${rail}_energy`) / (1_016_855_375 * 1e-9);
      expect(Math.abs(numberAt(processor, `${rail}_power`) / exact_mW - 1)).toBeLessThan(5e-6);
    }
  });

  test('combines cpu, gpu and ane', () => {
    const sum_mW = ['cpu', 'gpu', 'ane'].reduce((sum, rail) => sum + numberAt(processor, `${rail}_power`), 0);
    expect(numberAt(processor, 'combined_power')).toBeCloseTo(sum_mW, 1);
  });

  test("fills the GPU block's own window with idle and used time, and repeats its energy", () => {
    expect(numberAt(gpu, 'idle_ns') + busySum_ns(gpu)).toBe(READING.gpuWindow_ns);
    expect(numberAt(gpu, 'gpu_energy')).toBe(numberAt(processor, 'gpu_energy'));
    expect(numberAt(gpu, 'freq_hz')).toBeGreaterThanOrEqual(338);
    expect(numberAt(gpu, 'freq_hz')).toBeLessThanOrEqual(1578);
  });

  test('lists every cluster with its cores, each filling the window', () => {
    const clusters = asDicts(processor['clusters']);
    expect(clusters.map((cluster) => cluster['name'])).toEqual(['E-Cluster', 'P0-Cluster', 'P1-Cluster']);
    const cpus = clusters.flatMap((cluster) => asDicts(cluster['cpus']));
    expect(cpus.map((cpu) => cpu['cpu'])).toEqual(Array.from({ length: 14 }, (_, i) => i));
    for (const block of [...clusters, ...cpus]) {
      expect(numberAt(block, 'idle_ns') + busySum_ns(block)).toBe(READING.elapsed_ns);
    }
    expect(numberAt(asDict(clusters[1]), 'freq_hz')).toBeGreaterThan(1e9);
  });

  test('shows an idle machine as idle', () => {
    const idle = readFrame(frameText({ ...READING, energy_mJ: { cpu: 0, gpu: 0, ane: 0 } }));
    expect(numberAt(asDict(idle['processor']), 'combined_power')).toBe(0);
    expect(numberAt(asDict(idle['gpu']), 'idle_ratio')).toBe(1);
  });

  test.each([
    ['cpu_power', 'processor'],
    ['gpu_power', 'gpu'],
    ['thermal', 'thermal_pressure'],
  ] as const)('leaves out what only the sampler %s gives', (sampler, key) => {
    const others = METER_SAMPLERS.filter((name) => name !== sampler);
    expect(readFrame(frameText({ ...READING, samplers: others }))).not.toHaveProperty(key);
  });
});
