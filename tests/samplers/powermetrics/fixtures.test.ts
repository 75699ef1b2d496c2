import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createPowermetricsParser } from '../../../samplers/powermetrics/parser.ts';
import type { DomainId } from '../../../src/core/sample.ts';
import type { StatedEnergy } from '../../support/powermetrics-fixtures.ts';
import { FIXTURES } from '../../support/powermetrics-fixtures.ts';

const FOLDER = join(import.meta.dirname, '../../fixtures/powermetrics');

function samplesOf(bytes: Uint8Array, domain: DomainId) {
  const parser = createPowermetricsParser();
  const batches = [...parser.push(bytes, 1000), ...parser.end(1000)];
  return batches.flatMap((batch) => batch.samples.filter((sample) => sample.domain === domain));
}

function joules(stated_mJ: readonly (number | null)[]): number[] {
  return stated_mJ.filter((energy_mJ) => energy_mJ !== null).map((energy_mJ) => energy_mJ / 1000);
}

function socOf({ cpu_mJ, gpu_mJ, ane_mJ }: StatedEnergy): number | null {
  return cpu_mJ === null || gpu_mJ === null || ane_mJ === null ? null : cpu_mJ + gpu_mJ + ane_mJ;
}

describe.each(FIXTURES)('$file', ({ file, text, stated }) => {
  const read = (): Uint8Array => readFileSync(join(FOLDER, file));

  test('is what its generator writes', async () => {
    await expect(text).toMatchFileSnapshot(join(FOLDER, file));
  });

  test.each([
    ['cpu', joules(stated.map((frame) => frame.cpu_mJ))],
    ['gpu', joules(stated.map((frame) => frame.gpu_mJ))],
    ['ane', joules(stated.map((frame) => frame.ane_mJ))],
  ] as const)('gives the joules of %s that its energy fields state', (domain, expected) => {
    expect(samplesOf(read(), domain).map((sample) => sample.energy_J)).toEqual(expected);
  });

  test('gives soc only where all rails are stated, as their sum', () => {
    const found = samplesOf(read(), 'soc').map((sample) => sample.energy_J);
    const expected = joules(stated.map(socOf));
    expect(found).toHaveLength(expected.length);
    found.forEach((energy_J, i) => {
      expect(energy_J).toBeCloseTo(expected[i] ?? Number.NaN, 12);
    });
  });

  test('gives windows as wide as elapsed_ns, ending at the arrival', () => {
    const gpu = samplesOf(read(), 'gpu');
    const widths_ns = gpu.map((sample) => Math.round((sample.end_s - sample.start_s) * 1e9));
    const expected_ns = stated.filter((frame) => frame.gpu_mJ !== null).map((frame) => frame.elapsed_ns);
    widths_ns.forEach((width_ns, i) => {
      expect(Math.abs(width_ns - (expected_ns[i] ?? Number.NaN))).toBeLessThanOrEqual(1);
    });
    expect(gpu.every((sample) => sample.end_s === 1000 && sample.kind === 'mean')).toBe(true);
  });
});
