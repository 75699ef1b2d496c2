import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/core/clock.ts';
import { type Lab, startLab } from '../../src/simulator/lab.ts';
import { DEFAULT_CATALOG } from '../../src/simulator/lmstudio/catalog.ts';
import { compileMeter } from '../support/compiled-meter.ts';
import { recordingOf, trialOf } from '../support/lab-trials.ts';
import { asDict, numberAt, readFrames } from '../support/meter-frames.ts';

const compiled = compileMeter();
afterAll(compiled.remove);

const MODEL = DEFAULT_CATALOG[0]?.key ?? '';
const FLAGS = ['-f', 'plist', '--samplers', 'cpu_power,gpu_power,thermal', '-i', '50', '-b', '0'];

let lab: Lab | undefined;
afterEach(async () => {
  await lab?.close();
  lab = undefined;
});

/** Asks the server for a short answer; gives the window of the request. */
async function ask(url: string): Promise<{ requested_s: number; ended_s: number }> {
  const requested_s = systemClock.now_s();
  const response = await fetch(`${url}/api/v1/chat`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: MODEL, input: 'Name three rivers.', max_output_tokens: 20 }),
  });
  expect(response.status).toBe(200);
  await response.text();
  return { requested_s, ended_s: systemClock.now_s() };
}

/** Gathers the meter's text; `frames` waits until so many have come. */
function follow(stdout: Readable) {
  let text = '';
  stdout.on('data', (chunk) => {
    text += String(chunk);
  });
  const count = (): number => text.split('</plist>').length - 1;
  const frames = async (wanted: number): Promise<void> => {
    while (count() < wanted) await once(stdout, 'data');
  };
  return { text: () => text, count, frames };
}

describe('startLab', () => {
  test('lets the meter see, and the truth tell, what the server did', async () => {
    const started = await startLab({
      seed: 5,
      meterProgram: compiled.program,
      server: { loadedAtStart: [MODEL] },
    });
    lab = started;
    const meter = spawn(started.meter.file, [...started.meter.leading, ...FLAGS], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const stream = follow(meter.stdout);
    await stream.frames(1);
    const request = await ask(started.lmStudioUrl);
    await stream.frames(stream.count() + 3);
    const ended = once(meter, 'close');
    await started.close();
    lab = undefined;
    await ended;
    const truth = started.truth(recordingOf([trialOf(7, request)], 0)).get(7);
    if (truth === undefined) throw new Error('no truth');

    const span_s = request.ended_s - request.requested_s;
    expect(truth.net_J / span_s).toBeGreaterThan(5);
    expect(truth.net_J / span_s).toBeLessThan(25);
    const frames = readFrames(stream.text().slice(0, stream.text().lastIndexOf('</plist>') + 9));
    const sum = (of: (frame: Record<string, unknown>) => number): number =>
      frames.reduce((total, frame) => total + of(frame), 0);
    const seen_J = sum((frame) => {
      const processor = asDict(frame['processor']);
      return (numberAt(processor, 'cpu_energy') + numberAt(processor, 'gpu_energy')) / 1000;
    });
    const idle_s = sum((frame) => numberAt(frame, 'elapsed_ns') * 1e-9) - span_s;
    expect(seen_J).toBeGreaterThan(truth.gross_J - 0.003);
    expect(seen_J).toBeLessThan(truth.gross_J + 1.2 * idle_s + 15 * 0.25);
  });

  test('moves the times of a run by its origin', async () => {
    lab = await startLab({ seed: 5, meterProgram: compiled.program, server: { loadedAtStart: [MODEL] } });
    const request = await ask(lab.lmStudioUrl);
    const origin_s = request.requested_s - 3;
    const moved = { requested_s: 3, ended_s: request.ended_s - origin_s };
    const truth = lab.truth(recordingOf([trialOf(0, request)], 0)).get(0);
    const same = lab.truth(recordingOf([trialOf(0, moved)], origin_s)).get(0);
    expect(same?.gross_J).toBeCloseTo(truth?.gross_J ?? Number.NaN, 6);
  });

  test('two labs run beside one another, and closing one leaves the other', async () => {
    lab = await startLab({ seed: 1, meterProgram: compiled.program });
    const other = await startLab({ seed: 1, meterProgram: compiled.program });
    expect(other.lmStudioUrl).not.toBe(lab.lmStudioUrl);
    await other.close();
    expect((await fetch(`${lab.lmStudioUrl}/lmstudio-greeting`)).status).toBe(200);
  });
});
