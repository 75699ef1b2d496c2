import { describe, expect, test } from 'vitest';
import { LmpowerError } from '../../src/core/errors.ts';
import type { Batch } from '../../src/core/sample.ts';
import { createRecorder } from '../../src/recording/live-recorder.ts';
import type { EndingRecorder, RecorderOptions } from '../../src/recording/recorder.ts';
import { type ManualClock, manualClock } from '../support/manual-clock.ts';
import {
  batchOf,
  eventOf,
  meanSample,
  type ScriptedSampler,
  scriptedSampler,
  testDomain,
} from '../support/scripted-sampler.ts';

interface Scene {
  readonly clock: ManualClock;
  readonly recorder: EndingRecorder;
  readonly abort: AbortController;
  readonly starting: Promise<void>;
}

function recording(samplers: readonly ScriptedSampler[], options: Partial<RecorderOptions> = {}): Scene {
  const clock = manualClock();
  const abort = new AbortController();
  const recorder = createRecorder({ samplers, clock, interval_ms: 500, ...options });
  return { clock, recorder, abort, starting: recorder.start(abort.signal) };
}

const cpuMeter = (id = 'meter'): ScriptedSampler => scriptedSampler(id);

describe('createRecorder', () => {
  test('it starts with the first batches and hands over what was recorded, once', async () => {
    const [a, b] = [cpuMeter('a'), scriptedSampler('b', { domains: [testDomain('gpu:0', { source: 'b' })] })];
    const { recorder, starting } = recording([a, b]);
    const heat = { source: 'a', name: 'thermalPressure', at_s: 1, value: 'Nominal' };
    const gpu = testDomain('gpu:0', { source: 'b', label: 'announced' });
    a.give(batchOf([meanSample('cpu', 0, 1)], { observations: [heat], events: [eventOf('GARBAGE', 1)] }));
    b.give(batchOf([meanSample('gpu:0', 0, 1, 4)], { domains: [gpu] }));
    await starting;
    expect(recorder.domains()).toEqual([testDomain('cpu', { source: 'a' }), gpu]);
    expect(recorder.latest()).toEqual([
      { domain: 'cpu', power_W: 1, start_s: 0, at_s: 1 },
      { domain: 'gpu:0', power_W: 4, start_s: 0, at_s: 1 },
    ]);
    expect(recorder.drain()).toEqual({
      samples: [meanSample('cpu', 0, 1), meanSample('gpu:0', 0, 1, 4)],
      observations: [heat],
      events: [eventOf('GARBAGE', 1)],
      domains: recorder.domains(),
    });
    expect(recorder.drain()).toEqual({ samples: [], observations: [], events: [], domains: [] });
    expect(recorder.latestObservations()).toEqual([heat]);
    expect(recorder.failures()).toEqual([]);
    await recorder.stop();
  });

  test('a sampler that fails to start is a failure and an event; the others record', async () => {
    const refused = scriptedSampler('refused', {
      refusal: new LmpowerError('SAMPLER_NOT_PERMITTED', 'needs root'),
    });
    const good = cpuMeter('good');
    const { recorder, starting } = recording([refused, good], { required: true });
    good.give(batchOf([meanSample('cpu', 0, 1)]));
    await starting;
    expect(recorder.failures()).toMatchObject([
      { sampler: 'refused', error: { code: 'SAMPLER_NOT_PERMITTED' } },
    ]);
    const { samples, events } = recorder.drain();
    expect(samples).toHaveLength(1);
    expect(events.map(({ code, source }) => [code, source])).toEqual([['SAMPLER_DIED', 'refused']]);
    await recorder.stop();
  });

  test('no power at all is an event, and an error where power is required', async () => {
    const refusal = new LmpowerError('SAMPLER_NOT_PERMITTED', 'powermetrics needs root', {
      remedy: 'sudo -v',
    });
    const { recorder, starting } = recording([scriptedSampler('refused', { refusal })]);
    await starting;
    expect(recorder.drain().events.map(({ code }) => code)).toEqual(['SAMPLER_DIED', 'POWER_UNAVAILABLE']);
    const required = recording([scriptedSampler('refused', { refusal })], { required: true });
    await expect(required.starting).rejects.toMatchObject({
      code: 'POWER_REQUIRED',
      message: 'no power source gave a reading: powermetrics needs root',
      remedy: 'sudo -v',
      cause: refusal,
    });
  });

  test('without any sampler it starts and says that power is unavailable', async () => {
    const { recorder, starting } = recording([]);
    await starting;
    await recorder.ended;
    expect(recorder.drain().events).toMatchObject([
      { code: 'POWER_UNAVAILABLE', detail: 'no sampler was asked' },
    ]);
  });

  test('neither a silent, a dying nor a deaf sampler delays what another one gives', async () => {
    const silent = scriptedSampler('silent', { domains: [testDomain('dram')] });
    const dying = scriptedSampler('dying', { domains: [testDomain('gpu:0')] });
    const deaf = scriptedSampler('deaf', { domains: [testDomain('ane')], deaf: true });
    const good = cpuMeter('good');
    const arrivals_s: number[] = [];
    const clock = manualClock();
    const onBatch = (batch: Batch, sampler: string): void => {
      if (sampler === 'good') arrivals_s.push(clock.now_s() - (batch.samples[0]?.end_s ?? 0));
    };
    const recorder = createRecorder({
      samplers: [silent, dying, deaf, good],
      clock,
      interval_ms: 500,
      onBatch,
    });
    const starting = recorder.start(new AbortController().signal);
    for (let second = 1; second <= 40; second++) {
      await clock.advance(1);
      good.give(batchOf([meanSample('cpu', second - 1, second)]));
      if (second < 5) dying.give(batchOf([meanSample('gpu:0', second - 1, second)]));
      if (second === 5) dying.end();
      await clock.advance(0);
    }
    await starting;
    expect(arrivals_s).toEqual(Array(40).fill(0));
    expect(recorder.failures().map(({ sampler }) => sampler)).toEqual(['silent', 'dying', 'deaf']);
    await clock.runUntil(recorder.stop());
    const codes = recorder.drain().events.map(({ code, source }) => `${source} ${code}`);
    expect(codes).toContain('dying SAMPLER_DIED');
    expect(codes).toContain('dying GAP');
    expect(codes).toContain('silent SAMPLER_STALLED');
    expect(codes.filter((code) => code.startsWith('good'))).toEqual([]);
  });

  test('a hung sampler does not hold the start up: it joins when it answers, and what it missed is said', async () => {
    const wall = scriptedSampler('wall', { domains: [testDomain('wall', { rank: 4 })] });
    const good = cpuMeter('good');
    const { clock, recorder, starting } = recording([wall, good], { required: true });
    let isStarted = false;
    void starting.then(() => {
      isStarted = true;
    });
    await clock.advance(1);
    good.give(batchOf([meanSample('cpu', 0, 1)]));
    await recorder.heard;
    await clock.advance(1.9);
    expect(isStarted).toBe(false);
    await clock.advance(0.2);
    expect(isStarted).toBe(true);
    const begun = recorder.drain();
    expect(begun.events).toEqual([
      {
        code: 'SAMPLER_STALLED',
        source: 'wall',
        at_s: 3,
        domain: null,
        detail: 'no reading yet: the recording begins without it',
      },
    ]);
    expect(recorder.domains().map(({ id }) => id)).toEqual(['cpu']);
    await clock.advance(10);
    wall.give(batchOf([meanSample('wall', 12, 13)]));
    await clock.advance(0);
    expect(recorder.drain().samples).toEqual([meanSample('wall', 12, 13)]);
    expect(recorder.domains().map(({ id }) => id)).toEqual(['cpu', 'wall']);
    expect(recorder.failures()).toEqual([]);
    await recorder.stop();
  });

  test('one that never answers is dead after a minute, and ended', async () => {
    const [hung, good] = [scriptedSampler('hung', { domains: [testDomain('wall')] }), cpuMeter('good')];
    const { clock, recorder, starting } = recording([hung, good]);
    good.give(batchOf([meanSample('cpu', 0, 1)]));
    await clock.advance(2);
    await starting;
    await clock.advance(57.9);
    expect(hung.open).toBe(1);
    await clock.advance(0.2);
    expect(hung.open).toBe(0);
    const told = recorder.drain().events.filter(({ source }) => source === 'hung');
    expect(told.map(({ code, at_s }) => [code, at_s])).toEqual([
      ['SAMPLER_STALLED', 2],
      ['SAMPLER_STALLED', 30],
      ['SAMPLER_DIED', 60],
    ]);
    expect(recorder.failures()).toMatchObject([
      { sampler: 'hung', error: { message: 'hung gave no reading within 60 s of its start' } },
    ]);
    await recorder.stop();
  });

  test('one that may ask for a password is waited for', async () => {
    const asking = { ...cpuMeter('asking'), mayAsk: true };
    const good = cpuMeter('good');
    const { clock, recorder, starting } = recording([asking, good]);
    let isStarted = false;
    void starting.then(() => {
      isStarted = true;
    });
    good.give(batchOf([meanSample('cpu', 0, 1)]));
    await clock.advance(20);
    expect(isStarted).toBe(false);
    asking.give(batchOf([meanSample('cpu', 19, 20)]));
    await clock.advance(0);
    expect(isStarted).toBe(true);
    expect(recorder.drain().events.filter(({ source }) => source === 'asking')).toEqual([]);
    await recorder.stop();
  });

  test('stop ends all streams, and what they gave last can still be drained', async () => {
    const samplers = [cpuMeter('a'), cpuMeter('b')];
    const { recorder, starting } = recording(samplers);
    for (const sampler of samplers) sampler.give(batchOf([meanSample('cpu', 0, 1)]));
    await starting;
    samplers[0]?.give(batchOf([meanSample('cpu', 1, 2)]));
    await recorder.stop();
    await recorder.ended;
    expect(samplers.map(({ open }) => open)).toEqual([0, 0]);
    expect(recorder.drain().samples.map(({ domain, end_s }) => [domain, end_s])).toEqual([
      ['cpu', 1],
      ['cpu@b', 1],
      ['cpu', 2],
    ]);
    await recorder.stop();
  });

  test('the signal ends all streams, before the first batch as well as after it', async () => {
    for (const isStarted of [true, false]) {
      const sampler = cpuMeter();
      const { recorder, starting, abort } = recording([sampler], { required: true });
      if (isStarted) {
        sampler.give(batchOf([meanSample('cpu', 0, 1)]));
        await starting;
      }
      abort.abort();
      await starting;
      await recorder.ended;
      expect(sampler.open).toBe(0);
      expect(recorder.failures()).toEqual([]);
    }
  });

  test('a signal that is aborted already opens no stream', async () => {
    const sampler = cpuMeter();
    const recorder = createRecorder({ samplers: [sampler], clock: manualClock(), interval_ms: 500 });
    await recorder.start(AbortSignal.abort());
    expect(sampler.opened).toBe(0);
  });

  test('what the ring had to drop is told by RING_OVERFLOW with its count, domain and place', async () => {
    const sampler = cpuMeter();
    const { recorder, starting, clock } = recording([sampler], { capacity: 3 });
    for (let at_s = 0; at_s < 10; at_s++) sampler.give(batchOf([meanSample('cpu', at_s, at_s + 1)]));
    await starting;
    await clock.advance(0);
    const { samples, events } = recorder.drain();
    expect(samples.map(({ end_s }) => end_s)).toEqual([8, 9, 10]);
    expect(events).toEqual([
      {
        code: 'RING_OVERFLOW',
        source: 'meter',
        domain: 'cpu',
        at_s: 7,
        detail: '7 samples from 0.000 s to 7.000 s dropped',
      },
    ]);
    await recorder.stop();
  });

  test('a flood of observations is bounded too', async () => {
    const sampler = cpuMeter();
    const { recorder, starting } = recording([sampler], { capacity: 2 });
    const observations = [1, 2, 3].map((at_s) => ({ source: 'meter', name: 'temp_C', at_s, value: at_s }));
    sampler.give(batchOf([], { observations }));
    await starting;
    const drained = recorder.drain();
    expect(drained.observations).toEqual(observations.slice(1));
    expect(drained.events).toMatchObject([{ code: 'RING_OVERFLOW', detail: '1 observations dropped' }]);
    await recorder.stop();
  });

  test('what breaks the contract of samplers is refused and counted, its neighbours are kept', async () => {
    const sampler = cpuMeter();
    const { recorder, starting } = recording([sampler]);
    const bad = [Number.NaN, -1, Number.POSITIVE_INFINITY].map((energy_J) =>
      meanSample('cpu', 0, 1, energy_J),
    );
    const fine = { source: 'meter', name: 'temp_C', at_s: 1, value: 45 };
    sampler.give(
      batchOf(
        [...bad, meanSample('cpu', 1, 1, 0), meanSample('cpu', Number.NaN, 1, 0), meanSample('cpu', 0, 1)],
        {
          observations: [{ ...fine, value: Number.NaN }, fine, { ...fine, at_s: Number.POSITIVE_INFINITY }],
          events: [eventOf('STALE_READING', Number.NaN)],
        },
      ),
    );
    await starting;
    const { samples, observations, events } = recorder.drain();
    expect(samples).toEqual([meanSample('cpu', 0, 1)]);
    expect(observations).toEqual([fine]);
    expect(events.map(({ code }) => code)).toEqual(['STALE_READING', ...Array(7).fill('GARBAGE')]);
    expect(events.every(({ at_s }) => at_s === 0)).toBe(true);
    await recorder.stop();
  });

  test('mean power is that of the last readings, also after a drain, and null when nobody knows', async () => {
    const sampler = cpuMeter();
    const { recorder, starting, clock } = recording([sampler]);
    expect(recorder.meanPower_W('cpu', 5)).toBeNull();
    for (let second = 1; second <= 4; second++) {
      await clock.advance(1);
      sampler.give(batchOf([meanSample('cpu', second - 1, second, 10 * second)]));
    }
    await starting;
    await clock.advance(0);
    recorder.drain();
    expect(recorder.meanPower_W('cpu', 2)).toBe(35);
    expect(recorder.meanPower_W('cpu', 8)).toBe(25);
    expect(recorder.meanPower_W('cpu', 9)).toBeNull();
    expect(recorder.meanPower_W('gpu', 2)).toBeNull();
    await clock.advance(3.5);
    expect(recorder.meanPower_W('cpu', 2)).toBeNull();
    await recorder.stop();
  });

  test('two sources of one domain stay apart: the first keeps the name', async () => {
    const soc = (source: string) => [
      testDomain('soc', { source }),
      testDomain('cpu', { source, parent: 'soc' }),
    ];
    const [a, b] = [scriptedSampler('a', { domains: soc('a') }), scriptedSampler('b', { domains: soc('b') })];
    const { recorder, starting } = recording([a, b]);
    const event = { ...eventOf('RAIL_MISSING', 1), domain: 'cpu' };
    b.give(batchOf([meanSample('cpu', 0, 1, 7)], { domains: soc('b'), events: [event] }));
    a.give(batchOf([meanSample('cpu', 0, 1, 5)]));
    await starting;
    expect(recorder.domains().map(({ id, parent, source }) => [id, parent, source])).toEqual([
      ['soc@b', null, 'b'],
      ['cpu@b', 'soc@b', 'b'],
      ['soc', null, 'a'],
      ['cpu', 'soc', 'a'],
    ]);
    const { samples, events } = recorder.drain();
    expect(samples.map(({ domain, energy_J }) => [domain, energy_J])).toEqual([
      ['cpu@b', 7],
      ['cpu', 5],
    ]);
    expect(events).toEqual([{ ...event, domain: 'cpu@b' }]);
    await recorder.stop();
  });

  test('the same source twice gets three names apart', async () => {
    const twins = [cpuMeter('twin'), cpuMeter('twin'), cpuMeter('twin')];
    const { recorder, starting } = recording(twins);
    for (const twin of twins) twin.give(batchOf([meanSample('cpu', 0, 1)]));
    await starting;
    expect(recorder.domains().map(({ id }) => id)).toEqual(['cpu', 'cpu@twin', 'cpu@twin#2']);
    await recorder.stop();
  });

  test('a domain announced anew is handed over anew', async () => {
    const sampler = cpuMeter();
    const { recorder, starting, clock } = recording([sampler]);
    sampler.give(batchOf([meanSample('cpu', 0, 1)]));
    await starting;
    recorder.drain();
    const wider = testDomain('cpu', { source: 'meter', maxPower_W: 300 });
    sampler.give(batchOf([meanSample('cpu', 1, 2)], { domains: [wider] }));
    await clock.advance(0);
    expect(recorder.drain().domains).toEqual([wider]);
    expect(recorder.domains()).toEqual([wider]);
    await recorder.stop();
  });
});
