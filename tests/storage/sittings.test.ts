import { describe, expect, test } from 'vitest';
import type { Trial } from '../../src/core/run.ts';
import { openStore, type RunStore } from '../../src/storage/store.ts';
import { newRun, shortAnswer } from '../support/any-recording.ts';

const session = {
  startedAt: '2026-01-02T00:00:00.000Z',
  origin_s: 12.5,
  start_s: 86_400,
  toolVersion: '0.2.0',
};
const baseline = (start_s: number) => ({ kind: 'baseline', start_s, end_s: start_s + 10 }) as const;

function trial(index: number, changes: Partial<Trial> = {}): Trial {
  return {
    index,
    model: 'm',
    workload: 'w',
    promptId: 'p',
    category: 'short',
    repetition: 0,
    phases: [
      baseline(100 * index),
      { kind: 'inference', start_s: 100 * index + 10, end_s: 100 * index + 12 },
    ],
    completions: [shortAnswer],
    truth: null,
    ...changes,
  };
}

/** A run that was interrupted in its second trial, whose third model could not be had. */
function interrupted(): RunStore {
  const store = openStore(':memory:');
  store.createRun(newRun('a'));
  const failures = [{ model: 'x', code: 'MODEL_LOAD_FAILED', message: 'out of memory', at_s: 3 }];
  store.append('a', { trials: [trial(0), trial(1, { completions: [] })], failures });
  store.finishRun('a', 'interrupted');
  return store;
}

describe('RunStore.beginSession', () => {
  test('the run is running again, and says when and by which boot it was taken up', () => {
    const store = interrupted();
    store.beginSession('a', { session, again: [1] });
    const { run, sessions } = store.load('a');
    expect(run.state).toBe('running');
    expect(sessions).toEqual([session]);
  });

  test('a model that could not be had may be had now', () => {
    const store = interrupted();
    expect(store.load('a').failures).toHaveLength(1);
    store.beginSession('a', { session, again: [1] });
    expect(store.load('a').failures).toBeUndefined();
  });

  test('the baseline of a trial that comes again stays as what came after the trial before', () => {
    const store = interrupted();
    store.beginSession('a', { session, again: [1] });
    expect(store.load('a').phases).toEqual([baseline(100)]);
    store.append('a', { trials: [trial(1, { phases: [baseline(86_500)] })] });
    const { phases, trials } = store.load('a');
    expect(phases).toEqual([baseline(100)]);
    expect(trials.map((one) => one.phases[0])).toEqual([baseline(0), baseline(86_500)]);
  });
});
