import { PassThrough, Writable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { METER_SAMPLERS } from '../../src/simulator/frame-text.ts';
import { DEFAULT_MACHINE } from '../../src/simulator/machine.ts';
import { type MeterParts, runMeter } from '../../src/simulator/meter.ts';
import { createPhysics, type Physics, RAILS } from '../../src/simulator/physics.ts';
import { manualClock } from '../support/manual-clock.ts';
import { asDict, evenCadence, numberAt, readFrames } from '../support/meter-frames.ts';

const START_s = 5000;

function partsWith(given: Partial<MeterParts> = {}): MeterParts & { stdout: PassThrough; physics: Physics } {
  const stdout = new PassThrough({ highWaterMark: 1 << 24 });
  const physics = given.physics ?? createPhysics({ seed: 6 });
  return {
    request: { interval_ms: 250, frames: 4, samplers: METER_SAMPLERS, unbuffered: true },
    cadence: evenCadence(250),
    machine: DEFAULT_MACHINE,
    clock: manualClock(START_s),
    caughtUp: async () => undefined,
    signal: new AbortController().signal,
    ...given,
    physics,
    stdout,
  };
}

function textOf(stdout: PassThrough): string {
  const bytes: unknown = stdout.read();
  return bytes instanceof Buffer ? bytes.toString() : '';
}

describe('runMeter', () => {
  test('writes the frames asked for, a NUL before each but the first, and none after the last', async () => {
    const clock = manualClock(START_s);
    const parts = partsWith({ clock });
    await clock.runUntil(runMeter(parts));
    const text = textOf(parts.stdout);
    expect(text.startsWith('<?xml')).toBe(true);
    expect(text.endsWith('</plist>\n')).toBe(true);
    expect(text.match(/<\/plist>\n\0<\?xml/g)).toHaveLength(3);
    expect(readFrames(text)).toHaveLength(4);
  });

  test('adds up to what the machine used, within the millijoule that is still carried', async () => {
    const clock = manualClock(START_s);
    const physics = createPhysics({ seed: 6 });
    physics.apply({ at_s: START_s + 0.4, cpu_W: 2, gpu_W: 19, ane_W: 1 });
    physics.apply({ at_s: START_s + 1.7, cpu_W: 0, gpu_W: 0, ane_W: 0 });
    const request = { interval_ms: 500, frames: 5, samplers: METER_SAMPLERS, unbuffered: true };
    const parts = partsWith({ clock, physics, request, cadence: evenCadence(500) });
    await clock.runUntil(runMeter(parts));
    const frames = readFrames(textOf(parts.stdout));
    const elapsed_s = frames.reduce((sum, frame) => sum + numberAt(frame, 'elapsed_ns') * 1e-9, 0);
    for (const rail of RAILS) {
      const sum_mJ = frames.reduce((sum, f) => sum + numberAt(asDict(f['processor']), `${rail}_energy`), 0);
      const behind_mJ = physics.energy_J(rail, START_s, START_s + elapsed_s) * 1000 - sum_mJ;
      expect(behind_mJ).toBeGreaterThan(-1e-6);
      expect(behind_mJ).toBeLessThan(1);
    }
  });

  test('states the true width of each window and leaves no gap when a frame is held up', async () => {
    const clock = manualClock(START_s);
    let frame = 0;
    const caughtUp = async (): Promise<void> => {
      frame++;
      if (frame === 2) await clock.sleep(0.6);
    };
    const parts = partsWith({ clock, caughtUp });
    await clock.runUntil(runMeter(parts));
    const widths = readFrames(textOf(parts.stdout)).map((f) => numberAt(f, 'elapsed_ns') / 1e6);
    expect(widths[0]).toBeCloseTo(258, 3);
    expect(widths[1]).toBeCloseTo(258, 3);
    expect(widths[2]).toBeCloseTo(605, 3);
    expect(widths[3]).toBeCloseTo(258, 3);
  });

  test('counts a step that reaches it only while it catches up', async () => {
    const clock = manualClock(START_s);
    const physics = createPhysics({ seed: 6 });
    const step = { at_s: START_s + 0.1, cpu_W: 0, gpu_W: 15, ane_W: 0 };
    const late = { step: true };
    const parts = partsWith({
      clock,
      physics,
      request: { interval_ms: 250, frames: 1, samplers: METER_SAMPLERS, unbuffered: true },
      caughtUp: async () => {
        if (late.step) physics.apply(step);
        late.step = false;
      },
    });
    await clock.runUntil(runMeter(parts));
    const processor = asDict(readFrames(textOf(parts.stdout))[0]?.['processor']);
    expect(numberAt(processor, 'gpu_energy')).toBeGreaterThan(800);
  });

  test('ends when told to, in the middle of a window', async () => {
    const clock = manualClock(START_s);
    const told = new AbortController();
    const parts = partsWith({ clock, signal: told.signal });
    const done = runMeter(parts);
    await clock.advance(0.3);
    told.abort();
    await done;
    expect(readFrames(textOf(parts.stdout))).toHaveLength(1);
  });

  test('ends without an error when its reader is gone', async () => {
    const clock = manualClock(START_s);
    const stdout = new Writable({
      write: (_chunk, _encoding, done) => done(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' })),
    });
    await expect(clock.runUntil(runMeter({ ...partsWith({ clock }), stdout }))).resolves.toBeUndefined();
  });

  test('without -b 0 holds back what does not fill a block, until the end', async () => {
    const clock = manualClock(START_s);
    const request = { interval_ms: 250, frames: 2, samplers: METER_SAMPLERS, unbuffered: false };
    const parts = partsWith({ clock, request });
    const done = runMeter(parts);
    await clock.advance(0.3);
    const first = textOf(parts.stdout);
    expect(first.length).toBeGreaterThan(0);
    expect(first).not.toContain('</plist>');
    await clock.runUntil(done);
    expect(readFrames(first + textOf(parts.stdout))).toHaveLength(2);
  });
});
