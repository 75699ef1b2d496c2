import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { samplerById } from '../../samplers/index.ts';
import type { Clock } from '../../src/core/clock.ts';
import type { Batch } from '../../src/core/sample.ts';
import { eagerClock } from '../support/eager-clock.ts';
import { manualClock } from '../support/manual-clock.ts';
import { FIXTURES } from '../support/powermetrics-fixtures.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const M1 = join(import.meta.dirname, '../fixtures/powermetrics/m1-1000ms.plist');
const WIDTHS_S = [1.012408125, 1.00973325, 1.023991041, 1.01, 1.016855];
const START_S = 40;

const never = (): AbortSignal => new AbortController().signal;

async function collect(name: string, clock: Clock = eagerClock(START_S), signal = never()): Promise<Batch[]> {
  const batches: Batch[] = [];
  for await (const batch of samplerById(name).stream({ interval_ms: 500, signal, clock }))
    batches.push(batch);
  return batches;
}

const soc = (batches: readonly Batch[]) =>
  batches.flatMap((batch) => batch.samples.filter((sample) => sample.domain === 'soc'));

function fileWith(bytes: string | Uint8Array): string {
  const file = join(temporaryFolder(), 'a@b.plist');
  writeFileSync(file, bytes);
  return file;
}

describe('replay', () => {
  test('at speed 0 takes no time and chains the windows of the source from the clock on', async () => {
    const clock = manualClock(START_S);
    const samples = soc(await collect(`replay:powermetrics:${M1}@0`, clock));
    expect(clock.now_s()).toBe(START_S);
    expect(samples[0]?.start_s).toBe(START_S);
    samples.forEach((sample, i) => {
      expect(sample.end_s - sample.start_s).toBeCloseTo(WIDTHS_S[i] ?? Number.NaN, 9);
      if (i > 0) expect(sample.start_s).toBe(samples[i - 1]?.end_s);
    });
  });

  test('at speed 0 gives the joules that the energy fields state', async () => {
    const samples = soc(await collect(`replay:powermetrics:${M1}@0`));
    const stated_mJ = FIXTURES[0]?.stated.map(
      ({ cpu_mJ, gpu_mJ, ane_mJ }) => (cpu_mJ ?? 0) + (gpu_mJ ?? 0) + (ane_mJ ?? 0),
    );
    expect(samples.map((sample) => Math.round(sample.energy_J * 1e6) / 1e3)).toEqual(stated_mJ);
  });

  test.each([
    ['', 1],
    ['@1', 1],
    ['@4', 4],
  ])('paces %s by the windows of the source', async (suffix, speed) => {
    const clock = eagerClock(START_S);
    const arrivals_s: number[] = [];
    const sampler = samplerById(`replay:powermetrics:${M1}${suffix}`);
    for await (const _ of sampler.stream({ interval_ms: 500, signal: never(), clock }))
      arrivals_s.push(clock.now_s());
    let due_s = START_S;
    arrivals_s.forEach((arrival_s, i) => {
      due_s += (WIDTHS_S[i] ?? Number.NaN) / speed;
      expect(arrival_s).toBeCloseTo(due_s, 9);
    });
    expect(arrivals_s).toHaveLength(WIDTHS_S.length);
  });

  test('at speed 1 stamps a sample with its arrival on the clock', async () => {
    const clock = eagerClock(START_S);
    for await (const batch of samplerById(`replay:powermetrics:${M1}`).stream({
      interval_ms: 500,
      signal: never(),
      clock,
    })) {
      expect(soc([batch])[0]?.end_s).toBe(clock.now_s());
    }
  });

  test('goes under its own name, is finite, and needs no right', async () => {
    const sampler = samplerById(`replay:powermetrics:${M1}@0`);
    expect(sampler).toMatchObject({ id: 'replay:powermetrics', finite: true, privilege: 'none' });
    expect(await sampler.probe()).toMatchObject({ state: 'ready' });
    const [first] = await collect(`replay:powermetrics:${M1}@0`);
    const sources = [...(first?.domains ?? []), ...sampler.domains(), ...(first?.observations ?? [])].map(
      ({ source }) => source,
    );
    expect(new Set(sources)).toEqual(new Set(['replay:powermetrics']));
  });

  test.each([
    ['missing', '/nowhere/at/all.plist', /cannot read .*ENOENT/],
    ['a folder', import.meta.dirname, /cannot read .*EISDIR/],
  ])('a file that is %s is REPLAY_INVALID, for the probe too', async (_what, file, message) => {
    const name = `replay:powermetrics:${file}@0`;
    await expect(collect(name)).rejects.toMatchObject({
      code: 'REPLAY_INVALID',
      message: expect.stringMatching(message),
    });
    expect(await samplerById(name).probe()).toMatchObject({
      state: 'broken',
      remedy: expect.stringContaining('replay:'),
    });
  });

  test.each([
    ['empty', '', /is empty/],
    ['text', 'CPU Power: 12 mW\n', /holds no reading of powermetrics/],
    [
      'another property list',
      '<plist version="1.0"><dict><key>a</key><true/></dict></plist>',
      /elapsed_ns is missing/,
    ],
    ['huge and something else', Buffer.alloc(17 * 1024 * 1024, 'x'), /holds no reading/],
  ])('a file that is %s is REPLAY_INVALID', async (_what, bytes, message) => {
    const name = `replay:powermetrics:${fileWith(bytes)}@0`;
    await expect(collect(name)).rejects.toMatchObject({
      code: 'REPLAY_INVALID',
      message: expect.stringMatching(message),
    });
  });

  const ROCM = '{"card0": {"Average Graphics Package Power (W)": "50.0"}}\n';
  const MACMON = '{"cpu_power": 4, "gpu_power": 10, "ane_power": 0}\n';
  const MACMON_STAMPED = MACMON.replace('{', '{"timestamp": "2026-02-24T20:38:00.5+00:00", ');

  test.each([
    ['rocm-smi', 'readings without a time', ROCM.repeat(3), 'its readings carry no time of their own'],
    ['rocm-smi', 'one reading', ROCM, 'one reading, two are needed'],
    ['macmon', 'readings without a time', MACMON.repeat(3), 'its readings carry no time of their own'],
    ['macmon', 'one reading', MACMON_STAMPED, 'one reading, two are needed'],
    ['macmon', 'no reading', 'Error: no SoC\n', 'holds no reading of macmon'],
  ])('a %s recording of %s is refused for that reason', async (format, _what, text, why) => {
    const name = `replay:${format}:${fileWith(text)}@0`;
    const refusal = { message: expect.stringContaining(why), remedy: expect.stringContaining(format) };
    await expect(collect(name)).rejects.toMatchObject({ code: 'REPLAY_INVALID', ...refusal });
    const probe = await samplerById(name).probe();
    expect(probe).toMatchObject({ state: 'broken', detail: refusal.message, remedy: refusal.remedy });
    expect(probe.remedy).not.toContain('powermetrics');
  });

  test('what is lost before the first reading is told with it', async () => {
    const text = FIXTURES[0]?.text ?? '';
    const batches = await collect(`replay:powermetrics:${fileWith(`${text.slice(0, 5000)}\0${text}`)}@0`);
    expect(batches[0]?.events.map((event) => event.code)).toEqual(['GARBAGE']);
    expect(soc(batches)).toHaveLength(WIDTHS_S.length);
  });

  test('ends without a throw when its signal comes, also while it waits', async () => {
    const stop = new AbortController();
    const clock = eagerClock(START_S);
    let sleeps = 0;
    const abortedInSecondSleep: Clock = {
      ...clock,
      sleep: (duration_s, signal) => {
        sleeps += 1;
        const done = clock.sleep(duration_s, signal);
        if (sleeps === 2) stop.abort();
        return done;
      },
    };
    expect(soc(await collect(`replay:powermetrics:${M1}`, abortedInSecondSleep, stop.signal))).toHaveLength(
      1,
    );
    expect(await collect(`replay:powermetrics:${M1}@0`, clock, AbortSignal.abort())).toEqual([]);
  });
});
