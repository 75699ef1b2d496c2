import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/core/clock.ts';
import { meterLeading } from '../../src/simulator/meter-program.ts';
import { createPhysics, DEFAULT_PHYSICS } from '../../src/simulator/physics.ts';
import { PowerSteps } from '../../src/simulator/power-step.ts';
import { serveSteps } from '../../src/simulator/step-feed.ts';
import { compileMeter } from '../support/compiled-meter.ts';
import { asDict, numberAt, readFrames } from '../support/meter-frames.ts';

const FLAGS = ['-f', 'plist', '--samplers', 'cpu_power,gpu_power,thermal', '-i', '40', '-b', '0'];

const compiled = compileMeter();
afterAll(compiled.remove);

const open: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

type Meter = ChildProcessByStdio<null, Readable, Readable>;

async function startMeter(flags: readonly string[], steps = new PowerSteps()) {
  const server = await serveSteps(steps);
  let closed = false;
  const close = async (): Promise<void> => {
    if (!closed) await server.close();
    closed = true;
  };
  open.push(close);
  const leading = meterLeading(compiled.program, server.port, DEFAULT_PHYSICS);
  const meter: Meter = spawn(process.execPath, [...leading, ...flags], { stdio: ['ignore', 'pipe', 'pipe'] });
  open.push(() => meter.kill('SIGKILL'));
  return { meter, close };
}

async function textOf(stream: Readable): Promise<string> {
  let text = '';
  for await (const chunk of stream) text += String(chunk);
  return text;
}

describe('the stand-in powermetrics as a process', () => {
  test('writes the frames asked for, with what the machine of the same settings used', async () => {
    const steps = new PowerSteps();
    const physics = createPhysics();
    steps.subscribe(physics.apply);
    steps.append({ at_s: systemClock.now_s() - 100, cpu_W: 3, gpu_W: 12, ane_W: 0 });
    const { meter } = await startMeter([...FLAGS, '-n', '4'], steps);
    const [text] = await Promise.all([textOf(meter.stdout), once(meter, 'close')]);
    expect(meter.exitCode).toBe(0);
    const frames = readFrames(text);
    expect(frames).toHaveLength(4);
    for (const frame of frames) {
      expect(numberAt(frame, 'elapsed_ns')).toBeGreaterThan(40e6);
      const power_W = numberAt(asDict(frame['processor']), 'combined_power') / 1000;
      expect(power_W).toBeGreaterThan(10);
      expect(power_W).toBeLessThan(22);
    }
  });

  test('ends when its reader closes the pipe', async () => {
    const { meter } = await startMeter(FLAGS);
    await once(meter.stdout, 'data');
    const ended = once(meter, 'exit');
    meter.stdout.destroy();
    await ended;
    expect(meter.exitCode).toBe(0);
  });

  test('ends when the lab closes the feed', async () => {
    const { meter, close } = await startMeter(FLAGS);
    await once(meter.stdout, 'data');
    meter.stdout.resume();
    const ended = once(meter, 'exit');
    await close();
    await ended;
    expect(meter.exitCode).toBe(0);
  });

  test('ends on SIGTERM', async () => {
    const { meter } = await startMeter(FLAGS);
    await once(meter.stdout, 'data');
    const ended = once(meter, 'exit');
    meter.kill('SIGTERM');
    await ended;
    expect(meter.signalCode).toBe('SIGTERM');
  });

  test('refuses a flag and a sampler that the real one does not know, with one line', async () => {
    for (const flags of [
      ['-f', 'plist', '--frequently'],
      ['-f', 'plist', '-s', 'ane_power'],
    ]) {
      const { meter } = await startMeter(flags);
      const [words] = await Promise.all([textOf(meter.stderr), once(meter, 'close')]);
      expect(meter.exitCode).toBe(64);
      expect(words).toMatch(/^powermetrics: .*(frequently|ane_power)/);
    }
  });
});
