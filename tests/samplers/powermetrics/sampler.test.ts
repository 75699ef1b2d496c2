import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { directLaunch, type MeterLaunch } from '../../../samplers/powermetrics/launch.ts';
import { createPowermetricsSampler } from '../../../samplers/powermetrics/sampler.ts';
import { systemClock } from '../../../src/core/clock.ts';
import type { Batch } from '../../../src/core/sample.ts';
import { manualClock } from '../../support/manual-clock.ts';
import { gone } from '../../support/process-death.ts';
import { type ScriptFolder, scriptFolder } from '../../support/scripts.ts';
import { type MeterBehaviour, standInMeter } from '../../support/stand-in-meter.ts';

let scripts: ScriptFolder;
beforeAll(() => {
  scripts = scriptFolder();
});
afterAll(() => scripts.remove());

const samplerThat = (behaviour: MeterBehaviour, argument?: string) =>
  createPowermetricsSampler(directLaunch(standInMeter(behaviour, argument)));

async function collect(launch: MeterLaunch | MeterBehaviour, argument?: string): Promise<Batch[]> {
  const sampler =
    typeof launch === 'string' ? samplerThat(launch, argument) : createPowermetricsSampler(launch);
  const batches: Batch[] = [];
  const stream = sampler.stream({
    interval_ms: 100,
    signal: new AbortController().signal,
    clock: manualClock(10),
  });
  for await (const batch of stream) batches.push(batch);
  return batches;
}

/** A meter of given bytes, which then ends by itself. */
function scripted(...texts: readonly string[]): MeterLaunch {
  return {
    describe: 'scripted',
    probe: async () => ({ state: 'ready', detail: 'scripted', remedy: null }),
    async *open({ clock }) {
      for (const text of texts) yield { chunk: Buffer.from(text), arrival_s: clock.now_s() };
    },
  };
}

const energyOf = (batches: readonly Batch[], domain: string): number =>
  batches
    .flatMap((batch) => batch.samples)
    .filter((sample) => sample.domain === domain)
    .reduce((sum, sample) => sum + sample.energy_J, 0);

describe('the powermetrics sampler', () => {
  test('gives the joules that the frames state, and says why the meter ended', async () => {
    const batches = await collect('ends', '4');
    // Four frames of 500 mJ CPU and 200 mJ GPU.
    expect(energyOf(batches, 'cpu')).toBeCloseTo(2, 9);
    expect(energyOf(batches, 'gpu')).toBeCloseTo(0.8, 9);
    expect(energyOf(batches, 'soc')).toBeCloseTo(2.8, 9);
    expect(batches.at(-1)?.events).toEqual([
      {
        code: 'SAMPLER_DIED',
        source: 'powermetrics',
        at_s: 10,
        domain: null,
        detail: 'the meter ended with exit code 3: the meter had enough',
      },
    ]);
  });

  test('samples end at the arrival of their frame', async () => {
    const sample = (await collect('ends', '1'))[0]?.samples.find(({ domain }) => domain === 'cpu');
    expect(sample?.end_s).toBeCloseTo(10, 9);
    expect(sample?.start_s).toBeCloseTo(9.9, 9);
  });

  test('a meter that dies before its first reading is an error with its words, not an empty stream', async () => {
    await expect(collect('dies', 'unrecognized sampler: gpu_power')).rejects.toMatchObject({
      code: 'SAMPLER_UNAVAILABLE',
      message: 'the meter ended with exit code 64: unrecognized sampler: gpu_power',
    });
  });

  test('the signal ends the stream without an event, and the meter with it', async () => {
    const pidFile = `${scripts.path}/pid`;
    const abort = new AbortController();
    const sampler = samplerThat('leaves', pidFile);
    const batches: Batch[] = [];
    for await (const batch of sampler.stream({ interval_ms: 50, signal: abort.signal, clock: systemClock })) {
      batches.push(batch);
      if (batches.length === 3) abort.abort();
    }
    expect(batches.flatMap((batch) => batch.events.map((event) => event.code))).not.toContain('SAMPLER_DIED');
    const { readFileSync } = await import('node:fs');
    await gone(Number(readFileSync(pidFile, 'utf8')));
  });

  test('leaving the loop early ends the meter', async () => {
    const pidFile = `${scripts.path}/pid-early`;
    const sampler = samplerThat('leaves', pidFile);
    const stream = sampler.stream({
      interval_ms: 50,
      signal: new AbortController().signal,
      clock: systemClock,
    });
    for await (const _ of stream) break;
    const { readFileSync } = await import('node:fs');
    await gone(Number(readFileSync(pidFile, 'utf8')));
  });

  test('a frame that our own ending cut off is no event', async () => {
    const abort = new AbortController();
    const launch: MeterLaunch = {
      ...scripted(),
      async *open({ clock }) {
        yield { chunk: Buffer.from('<?xml version="1.0"?><plist><dict>'), arrival_s: clock.now_s() };
        abort.abort();
      },
    };
    const batches: Batch[] = [];
    const stream = createPowermetricsSampler(launch).stream({
      interval_ms: 100,
      signal: abort.signal,
      clock: manualClock(),
    });
    for await (const batch of stream) batches.push(batch);
    expect(batches).toEqual([]);
  });

  test('a frame that the meter’s own ending cut off is an event', async () => {
    const batches = await collect(scripted('<?xml version="1.0"?><plist version="1.0"><dict><key>elap'));
    expect(batches.flatMap((batch) => batch.events)).not.toEqual([]);
  });

  test('a mistake in the parser is not taken for a death of the meter', async () => {
    const failing: MeterLaunch = {
      ...scripted(),
      async *open() {
        // A chunk that is none makes any parser throw.
        yield { chunk: JSON.parse('null'), arrival_s: 0 };
      },
    };
    await expect(collect(failing)).rejects.toBeInstanceOf(TypeError);
  });

  test('before a stream it names its domains, and asks its launch whether it can be read', async () => {
    const sampler = samplerThat('frames');
    expect(sampler.domains().map((domain) => domain.id)).toEqual(
      expect.arrayContaining(['cpu', 'gpu', 'ane', 'soc']),
    );
    expect(await sampler.probe()).toMatchObject({ state: 'ready' });
    expect(sampler).toMatchObject({ id: 'powermetrics', privilege: 'root' });
  });

  test('without a launch it takes the roads of this machine, and a probe of them never throws', async () => {
    const probe = await createPowermetricsSampler().probe();
    expect(['ready', 'needs-permission', 'absent', 'broken']).toContain(probe.state);
  });
});
