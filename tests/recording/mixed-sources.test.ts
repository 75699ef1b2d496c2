import { describe, expect, test } from 'vitest';
import { createSyntheticSampler } from '../../samplers/synthetic.ts';
import type { Batch } from '../../src/core/sample.ts';
import { createRecorder } from '../../src/recording/live-recorder.ts';
import { manualClock } from '../support/manual-clock.ts';
import {
  batchOf,
  eventOf,
  meanSample,
  type ScriptedSampler,
  scriptedSampler,
  testDomain,
} from '../support/scripted-sampler.ts';

const INTERVAL_ms = 100;

function meter(id: string, domain: string): ScriptedSampler {
  return scriptedSampler(id, { domains: [testDomain(domain, { source: id })] });
}

/** A meter that never answers, one that falls silent, and one that dies, beside a sound one; 20 s of it. */
async function mixed() {
  const clock = manualClock();
  const [mute, stalling, dying] = [
    meter('mute', 'wall'),
    meter('stalling', 'battery'),
    meter('dying', 'gpu:0'),
  ];
  const arrivals_s: number[] = [];
  const onBatch = (batch: Batch, sampler: string): void => {
    if (sampler === 'synthetic' && batch.samples.length > 0) arrivals_s.push(clock.now_s());
  };
  const samplers = [mute, stalling, createSyntheticSampler(), dying];
  const recorder = createRecorder({ samplers, clock, interval_ms: INTERVAL_ms, onBatch });
  void recorder.start(new AbortController().signal);
  await clock.advance(0);
  for (let second = 1; second <= 20; second++) {
    await clock.advance(1);
    if (second <= 5) stalling.give(batchOf([meanSample('battery', second - 1, second)]));
    if (second <= 3) dying.give(batchOf([meanSample('gpu:0', second - 1, second)]));
    if (second === 4) dying.fail(new Error('device lost'));
    await clock.advance(0);
  }
  const recorded = recorder.drain();
  await clock.runUntil(recorder.stop());
  return { arrivals_s, recorded, mute, stalling, dying };
}

describe('several sources at once', () => {
  test('a source that is silent, stalls or dies delays no reading of another', async () => {
    const { arrivals_s } = await mixed();
    // The two hundredth beat falls on the end, before or after it by rounding.
    expect(arrivals_s.length).toBeGreaterThanOrEqual(199);
    for (const [i, at_s] of arrivals_s.entries()) expect(at_s).toBeCloseTo((i + 1) / 10, 6);
  });

  test('each failure is told of its own source, and what it gave is kept', async () => {
    const { recorded } = await mixed();
    const sourcesOf = (code: string): string[] =>
      recorded.events.filter((event) => event.code === code).map(({ source }) => source);
    expect(sourcesOf('SAMPLER_STALLED')).toContain('stalling');
    expect(new Set(sourcesOf('SAMPLER_DIED'))).toEqual(new Set(['dying']));
    expect(recorded.samples.filter(({ domain }) => domain === 'battery')).toHaveLength(5);
    expect(recorded.samples.filter(({ domain }) => domain === 'gpu:0')).toHaveLength(3);
  });

  test('all are gone after stop, each having had a stream of its own', async () => {
    const { mute, stalling, dying } = await mixed();
    expect([mute.open, stalling.open, dying.open]).toEqual([0, 0, 0]);
    expect(dying.opened).toBeGreaterThan(1);
  });
});

describe('observers', () => {
  const heat = { source: 'environment', name: 'thermal_pressure', at_s: 1, value: 'nominal' };

  test('are recorded with the meters, but are no power', async () => {
    const clock = manualClock();
    const observer = scriptedSampler('environment', { domains: [] });
    const failing = scriptedSampler('meter', { refusal: new Error('no such tool') });
    const recorder = createRecorder({
      samplers: [failing],
      observers: [observer],
      clock,
      interval_ms: INTERVAL_ms,
      required: true,
    });
    const starting = recorder.start(new AbortController().signal);
    observer.give(batchOf([], { observations: [heat] }));
    await expect(starting).rejects.toMatchObject({ code: 'POWER_REQUIRED' });
    await clock.advance(0);
    expect(recorder.drain().observations).toEqual([heat]);
    await clock.runUntil(recorder.stop());
    expect(observer.open).toBe(0);
  });

  test('what befalls them is a note, never a doubt about energy', async () => {
    const clock = manualClock();
    const observer = scriptedSampler('environment', { domains: [] });
    const sound = scriptedSampler('meter');
    const recorder = createRecorder({
      samplers: [sound],
      observers: [observer],
      clock,
      interval_ms: INTERVAL_ms,
    });
    const starting = recorder.start(new AbortController().signal);
    sound.give(batchOf([meanSample('cpu', 0, 1)]));
    observer.give(batchOf([], { events: [{ ...eventOf('GARBAGE', 1), source: 'environment' }] }));
    await starting;
    await clock.advance(0);
    observer.end();
    await clock.advance(0);
    const { events, observations } = recorder.drain();
    expect(events).toEqual([]);
    expect(observations.map(({ name, value }) => `${name} ${String(value).split(':')[0]}`)).toEqual([
      'note GARBAGE',
      'note SAMPLER_DIED',
    ]);
    await clock.runUntil(recorder.stop());
  });
});
