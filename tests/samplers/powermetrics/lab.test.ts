import { describe, expect, test } from 'vitest';
import { createPowermetricsParser } from '../../../samplers/powermetrics/parser.ts';
import { createPhysics } from '../../../src/simulator/physics.ts';
import { virtualFrames, virtualReadings } from '../../../src/simulator/virtual-meter.ts';

const SPAN = { from_s: 100, to_s: 160 };

describe('frames of the stand-in meter', () => {
  test.each([100, 250, 1000])(
    'at %d ms give the joules written, in their order, without a doubt',
    (interval_ms) => {
      const physics = createPhysics({ seed: 4 });
      physics.apply({ at_s: 120, cpu_W: 4, gpu_W: 20, ane_W: 1 });
      const options = { ...SPAN, interval_ms };
      const parser = createPowermetricsParser();
      const frames = virtualFrames(physics, options);
      const last_s = frames.at(-1)?.arrival_s ?? Number.NaN;
      const batches = [
        ...frames.flatMap(({ bytes, arrival_s }) => parser.push(bytes, arrival_s)),
        ...parser.end(last_s),
      ];
      const written = virtualReadings(physics, options);
      for (const rail of ['cpu', 'gpu', 'ane'] as const) {
        const found = batches.flatMap((batch) => batch.samples.filter((sample) => sample.domain === rail));
        expect(found.map((sample) => sample.energy_J)).toEqual(
          written.map((one) => one.energy_mJ[rail] / 1000),
        );
        expect(found.map((sample) => sample.end_s)).toEqual(written.map((one) => one.arrival_s));
      }
      const doubts = batches.flatMap((batch) => batch.events.filter((event) => event.code !== 'WINDOW_SKEW'));
      expect(doubts).toEqual([]);
      const gpu = batches.flatMap((batch) => batch.domains ?? []).findLast((domain) => domain.id === 'gpu');
      expect(gpu?.misalignment_s).toBeLessThan(0.1 * (interval_ms / 1000) + 0.006);
    },
  );
});
