import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createPhysics, RAILS } from '../../src/simulator/physics.ts';
import { virtualFrames, virtualMeter, virtualReadings } from '../../src/simulator/virtual-meter.ts';
import { asDict, numberAt, readFrames } from '../support/meter-frames.ts';

const OPTIONS = { interval_ms: 250, from_s: 100, to_s: 110 };

function machine() {
  const physics = createPhysics({ seed: 12 });
  physics.apply({ at_s: 103.3, cpu_W: 3, gpu_W: 15, ane_W: 0.2 });
  physics.apply({ at_s: 107.1, cpu_W: 0, gpu_W: 0, ane_W: 0 });
  return physics;
}

describe('virtualReadings', () => {
  test('follow one another without a gap and cover what was asked', () => {
    const readings = virtualReadings(machine(), OPTIONS);
    let end_s = 100;
    for (const reading of readings) {
      expect(reading.start_s).toBe(end_s);
      end_s = reading.start_s + reading.elapsed_ns * 1e-9;
    }
    expect(end_s).toBeGreaterThanOrEqual(110);
  });

  test('are a little wider than asked and arrive a few milliseconds late, never early', () => {
    const readings = virtualReadings(machine(), { ...OPTIONS, to_s: 400 });
    const widths = readings.map((reading) => reading.elapsed_ns / 1e6);
    const delays = readings.map((reading) => reading.arrival_s - reading.start_s - reading.elapsed_ns * 1e-9);
    expect(widths.reduce((sum, width) => sum + width, 0) / widths.length).toBeCloseTo(258, 0);
    expect(Math.min(...widths)).toBeGreaterThan(256);
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(0.003 - 1e-9);
    expect(Math.max(...delays)).toBeLessThan(0.04);
    expect(new Set(widths).size).toBeGreaterThan(100);
  });

  test('are the same for the same seed and differ in timing for another', () => {
    expect(virtualReadings(machine(), OPTIONS)).toEqual(virtualReadings(machine(), OPTIONS));
    expect(virtualReadings(machine(), { ...OPTIONS, seed: 99 })).not.toEqual(
      virtualReadings(machine(), OPTIONS),
    );
  });

  test('add up to what the machine used at any interval, within the millijoule carried', () => {
    fc.assert(
      fc.property(fc.integer({ min: 20, max: 3000 }), fc.integer(), (interval_ms, seed) => {
        const physics = machine();
        const readings = virtualReadings(physics, { ...OPTIONS, interval_ms, seed });
        const last = readings.at(-1);
        if (last === undefined) throw new Error('no reading');
        for (const rail of RAILS) {
          const sum_mJ = readings.reduce((sum, reading) => sum + reading.energy_mJ[rail], 0);
          const behind_mJ = physics.energy_J(rail, 100, last.start_s + last.elapsed_ns * 1e-9) * 1e3 - sum_mJ;
          expect(behind_mJ).toBeGreaterThan(-1e-6);
          expect(behind_mJ).toBeLessThan(1 + 1e-6);
        }
      }),
      { numRuns: 30 },
    );
  });
});

describe('virtualMeter', () => {
  test('stamps samples on arrival with the width of the window, soc being the sum of the rails', () => {
    const readings = virtualReadings(machine(), OPTIONS);
    const batches = virtualMeter(machine(), OPTIONS);
    expect(batches).toHaveLength(readings.length);
    batches.forEach((batch, i) => {
      const reading = readings[i];
      if (reading === undefined) throw new Error('no reading');
      expect(batch.samples.map((sample) => sample.domain)).toEqual(['cpu', 'gpu', 'ane', 'soc']);
      const [cpu, gpu, ane, soc] = batch.samples.map((sample) => sample.energy_J);
      expect((cpu ?? 0) + (gpu ?? 0) + (ane ?? 0)).toBeCloseTo(soc ?? 0, 12);
      for (const sample of batch.samples) {
        expect(sample.end_s).toBe(reading.arrival_s);
        expect(sample.end_s - sample.start_s).toBeCloseTo(reading.elapsed_ns * 1e-9, 9);
        expect(sample.kind).toBe('mean');
      }
    });
  });

  test('announces the domains it is given in the first batch only', () => {
    const batches = virtualMeter(machine(), { ...OPTIONS, domains: [] });
    expect(batches.map((batch) => batch.domains)).toEqual([[], ...batches.slice(1).map(() => undefined)]);
  });
});

describe('virtualFrames', () => {
  test('say in plist what the readings say', () => {
    const readings = virtualReadings(machine(), OPTIONS).slice(0, 6);
    const chunks = virtualFrames(machine(), OPTIONS).slice(0, 6);
    const frames = readFrames(chunks.map((chunk) => new TextDecoder().decode(chunk.bytes)).join(''));
    expect(frames).toHaveLength(6);
    frames.forEach((frame, i) => {
      expect(numberAt(frame, 'elapsed_ns')).toBe(readings[i]?.elapsed_ns);
      for (const rail of RAILS) {
        expect(numberAt(asDict(frame['processor']), `${rail}_energy`)).toBe(readings[i]?.energy_mJ[rail]);
      }
      expect(chunks[i]?.arrival_s).toBe(readings[i]?.arrival_s);
    });
  });
});
