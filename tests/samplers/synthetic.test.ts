import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createSyntheticSampler } from '../../samplers/synthetic.ts';
import { SYNTHETIC_RAILS, syntheticEnergy_J, syntheticMaxPower_W } from '../../samplers/synthetic-power.ts';
import type { Batch } from '../../src/core/sample.ts';
import { eagerClock } from '../support/eager-clock.ts';

const time_s = fc.double({ min: 0, max: 1e4, noNaN: true });

async function firstBatches(count: number, seed = 1): Promise<Batch[]> {
  const batches: Batch[] = [];
  const stop = new AbortController();
  const options = { interval_ms: 250, signal: stop.signal, clock: eagerClock(7) };
  for await (const batch of createSyntheticSampler(seed).stream(options)) {
    batches.push(batch);
    if (batches.length === count) stop.abort();
  }
  return batches;
}

describe('syntheticEnergy_J', () => {
  test('is additive over neighbouring windows and never outside 0 … max', () => {
    fc.assert(
      fc.property(time_s, time_s, time_s, fc.integer(), (a, b, c, seed) => {
        const [from_s = 0, mid_s = 0, to_s = 0] = [a, b, c].sort((x, y) => x - y);
        for (const rail of SYNTHETIC_RAILS) {
          const energy = (start_s: number, end_s: number): number =>
            syntheticEnergy_J(rail, { seed, from_s: start_s, to_s: end_s });
          expect(energy(from_s, mid_s) + energy(mid_s, to_s)).toBeCloseTo(energy(from_s, to_s), 6);
          expect(energy(from_s, to_s)).toBeGreaterThanOrEqual(0);
          expect(energy(from_s, to_s)).toBeLessThanOrEqual(
            syntheticMaxPower_W(rail) * (to_s - from_s) + 1e-9,
          );
        }
      }),
    );
  });

  test('is the integral of the documented power', () => {
    const [cpu] = SYNTHETIC_RAILS;
    if (cpu === undefined) throw new Error('no rail');
    const whole_s = 10 * cpu.period_s;
    expect(syntheticEnergy_J(cpu, { seed: 3, from_s: 2, to_s: 2 + whole_s })).toBeCloseTo(
      cpu.base_W * whole_s,
      9,
    );
  });
});

describe('createSyntheticSampler', () => {
  test('emits touching windows at the interval, soc the sum of its rails', async () => {
    const batches = await firstBatches(4);
    batches.forEach((batch, i) => {
      const soc = batch.samples.find((sample) => sample.domain === 'soc');
      expect(soc?.end_s).toBeCloseTo(7 + 0.25 * (i + 1), 9);
      expect(soc?.start_s).toBeCloseTo(7 + 0.25 * i, 9);
      const rails = batch.samples.filter((sample) => sample.domain !== 'soc');
      expect(rails.reduce((sum_J, rail) => sum_J + rail.energy_J, 0)).toBeCloseTo(
        soc?.energy_J ?? Number.NaN,
        12,
      );
    });
  });

  test('says once that it is made up, and announces its domains once', async () => {
    const batches = await firstBatches(3);
    expect(batches.flatMap((batch) => batch.events.map((event) => event.code))).toEqual(['SIMULATED']);
    expect(batches.map((batch) => batch.domains?.length)).toEqual([4, undefined, undefined]);
  });

  test('repeats itself with the same seed and differs with another', async () => {
    expect(await firstBatches(2, 5)).toEqual(await firstBatches(2, 5));
    expect(await firstBatches(2, 5)).not.toEqual(await firstBatches(2, 6));
  });

  test('reads back the lines that lmpower sample --json prints', async () => {
    const batches = await firstBatches(3);
    const lines = batches.flatMap((batch) => batch.samples.map((sample) => JSON.stringify(sample)));
    const parser = createSyntheticSampler().createParser();
    const bytes = Buffer.from(`${lines.join('\n')}\nnot a sample\n{"domain":"cpu"}\n`);
    const read = [
      ...parser.push(bytes.subarray(0, 333), 90),
      ...parser.push(bytes.subarray(333), 90),
      ...parser.end(90),
    ];
    const energies = read.flatMap((batch) => batch.samples.map((sample) => sample.energy_J));
    expect(energies).toEqual(batches.flatMap((batch) => batch.samples.map((sample) => sample.energy_J)));
    expect(read.filter((batch) => batch.samples.length > 0)).toHaveLength(3);
    expect(read.flatMap((batch) => batch.events.map((event) => event.code))).toEqual(['GARBAGE', 'GARBAGE']);
  });
});
