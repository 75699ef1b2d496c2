import { describe, expect, test } from 'vitest';
import { createNvidiaSmiParser } from '../../samplers/nvidia-smi/parser.ts';
import type { Sample } from '../../src/core/sample.ts';
import { createPhysics, type Physics } from '../../src/simulator/physics.ts';
import { createGpuSensors } from '../../src/simulator/stand-in-gpu.ts';
import { domainsOf, samplesOf } from '../support/chopped.ts';
import { NVIDIA_HEADER, nvidiaRow } from '../support/gpu-text.ts';

const BUSY = { from_s: 10, to_s: 30, power_W: 20 };

function machine(seed: number): Physics {
  const physics = createPhysics({ seed });
  physics.apply({ at_s: BUSY.from_s, cpu_W: 4, gpu_W: BUSY.power_W, ane_W: 0 });
  physics.apply({ at_s: BUSY.to_s, cpu_W: 0, gpu_W: 0, ane_W: 0 });
  return physics;
}

/** The sampler's view of forty seconds, polled at this interval, each line 5 ms late. */
function polled(physics: Physics, interval_s: number) {
  const sensors = createGpuSensors(physics, 0);
  const parser = createNvidiaSmiParser();
  const batches = parser.push(Buffer.from(NVIDIA_HEADER), 0);
  for (let at_s = 0.033; at_s < 40; at_s += interval_s) {
    const row = nvidiaRow({ second: at_s, power: sensors.instant_W(at_s).toFixed(2) });
    batches.push(...parser.push(Buffer.from(row), at_s + 0.005));
  }
  return { samples: samplesOf(batches), domain: domainsOf(batches)[0] };
}

/** Trapezoid with linear edges. Source: METHOD §2. */
function energyIn(samples: readonly Sample[], from_s: number, to_s: number): number {
  return samples.reduce((sum_J, one) => {
    const [low_s, high_s] = [Math.max(from_s, one.start_s), Math.min(to_s, one.end_s)];
    if (high_s <= low_s) return sum_J;
    const [start_W, end_W] = [one.startPower_W ?? 0, one.endPower_W ?? 0];
    const powerAt = (at_s: number): number =>
      start_W + ((end_W - start_W) * (at_s - one.start_s)) / (one.end_s - one.start_s);
    return sum_J + ((powerAt(low_s) + powerAt(high_s)) / 2) * (high_s - low_s);
  }, 0);
}

describe("a board's sensors", () => {
  const cases = [0.1, 0.25, 0.5, 1, 2].flatMap((interval_s) =>
    [1, 2, 3].map((seed) => [interval_s, seed] as const),
  );

  test.each(cases)(
    'polled each %s s (seed %s) give the energy of a request within the bound that is declared',
    (...given) => {
      const [interval_s, seed] = given;
      const physics = machine(seed);
      const { samples, domain } = polled(physics, interval_s);
      const power_W = BUSY.power_W * 1.4;
      for (const [from_s, to_s] of [
        [BUSY.from_s, BUSY.to_s],
        [5, 20],
        [12, 28],
        [5, 38],
      ] as const) {
        const error_J = energyIn(samples, from_s, to_s) - physics.energy_J('gpu', from_s, to_s);
        const edge_J = power_W * ((domain?.misalignment_s ?? 0) + interval_s / 2);
        expect(Math.abs(error_J)).toBeLessThanOrEqual(2 * edge_J);
      }
    },
  );

  test('instant power follows a step within two periods, the running mean within a second', () => {
    const sensors = createGpuSensors(machine(1), 0);
    expect(sensors.instant_W(BUSY.from_s - 0.01)).toBeLessThan(1);
    expect(sensors.instant_W(BUSY.from_s + 1)).toBeGreaterThan(15);
    expect(sensors.average_W(BUSY.from_s + 0.35)).toBeLessThan(10);
    expect(sensors.average_W(BUSY.from_s + 2)).toBeGreaterThan(15);
  });

  test('the accumulator counts what the machine used', () => {
    const physics = machine(1);
    const sensors = createGpuSensors(physics, 8);
    expect(sensors.energy_J(12)).toBeCloseTo(physics.energy_J('gpu', 8, 12), 9);
    expect(sensors.energy_J(25)).toBeCloseTo(physics.energy_J('gpu', 8, 25), 9);
  });
});
