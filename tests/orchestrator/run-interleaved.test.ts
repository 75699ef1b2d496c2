import { describe, expect, test } from 'vitest';
import { planRun } from '../../src/orchestrator/plan.ts';
import { play, runPhases } from '../support/play-run.ts';
import { scriptedModel, scriptedWorkload } from '../support/scripted-run.ts';

const TWO = { models: ['a', 'b'], order: 'interleaved', trials: 2, workload: scriptedWorkload(1) } as const;

describe('executeRun: models by turns', () => {
  test('both are loaded first, warmed up each, asked A B B A, and unloaded last', async () => {
    const { log, outcome } = await play({ plan: TWO, backend: {} });
    const without = ['append', 'busy?'];
    expect(log.filter((line) => !without.includes(line) && !line.startsWith('complete'))).toEqual([
      'meter starts',
      ...['load', 'load a', 'loaded a', 'load', 'load b', 'loaded b'],
      ...['warmup', 'cooldown', 'warmup', 'cooldown'],
      ...[0, 1, 2, 3].flatMap((i) => [`baseline #${i}`, `inference #${i}`, `cooldown #${i}`]),
      'baseline',
      'unload a',
      'unload b',
      'meter stops',
      'finish finished',
    ]);
    expect(outcome).toEqual({ state: 'finished', trials: 4, failedTrials: 0, error: null });
  });

  test('each request addresses its own instance, and trials say whose they are', async () => {
    const { backend, sink } = await play({ plan: { ...TWO, warmup: false }, backend: {} });
    expect(backend.requests.map(({ model }) => model.identifier)).toEqual([
      'lmpower-a',
      'lmpower-b',
      'lmpower-b',
      'lmpower-a',
    ]);
    expect(sink.trials().map(({ index, model, repetition }) => [index, model, repetition])).toEqual([
      [0, 'a', 0],
      [1, 'b', 0],
      [2, 'b', 1],
      [3, 'a', 1],
    ]);
  });

  test('every load is recorded as a phase of the run', async () => {
    const played = await play({ plan: { ...TWO, warmup: false }, backend: {} });
    expect(runPhases(played).map(({ kind }) => kind)).toEqual(['load', 'load', 'baseline']);
  });

  test('models that are in memory are used as they are, without a word about each other', async () => {
    const loaded = [scriptedModel('a'), scriptedModel('b')];
    const { events, log } = await play({ plan: TWO, backend: { loaded } });
    expect(log.filter((line) => /load/.test(line))).toEqual([]);
    expect(events.filter(({ kind }) => kind === 'note')).toEqual([]);
  });

  test('time left falls to the closing baseline alone', async () => {
    const { events } = await play({ plan: TWO, backend: {} });
    const left_s = events.flatMap((event) => (event.kind === 'trial-done' ? [event.remaining_s] : []));
    expect(left_s).toEqual([3 * 7 + 2, 2 * 7 + 2, 7 + 2, 2]);
  });

  test('a server that keeps one model only: nothing is asked, what was loaded goes, the way out is named', async () => {
    const { log, outcome, sink } = await play({ plan: TWO, backend: { keepsOne: true } });
    expect(outcome).toMatchObject({ state: 'failed', trials: 0, error: { code: 'MODEL_LOAD_FAILED' } });
    expect(outcome.error?.message).toContain('a did not stay in memory');
    expect(outcome.error?.remedy).toContain('--interleave');
    expect(log.filter((line) => /^(unload|complete)/.test(line))).toEqual(['unload a', 'unload b']);
    expect(sink.parts.flatMap(({ phases }) => phases ?? []).map(({ kind }) => kind)).toEqual([
      'load',
      'load',
    ]);
  });

  test('two names of one instance are refused', async () => {
    const loaded = [{ ...scriptedModel('a'), identifier: 'same' }];
    const { outcome } = await play({
      plan: { ...TWO, models: ['a', 'same'] },
      backend: { loaded },
    });
    expect(outcome.error).toMatchObject({ code: 'USAGE', message: expect.stringContaining('same') });
  });

  test('an interruption keeps the trials that were done and unloads both', async () => {
    const { log, outcome, sink } = await play({
      plan: { ...TWO, warmup: false },
      backend: {},
      abortAt_s: 13,
    });
    expect(outcome.state).toBe('interrupted');
    expect(sink.trials().length).toBe(2);
    expect(log.filter((line) => line.startsWith('unload'))).toEqual(['unload a', 'unload b']);
  });

  test('one model has nobody to take turns with', () => {
    const plan = {
      workload: scriptedWorkload(1),
      backend: 'x',
      models: ['a'],
      order: 'interleaved',
    } as const;
    expect(() => planRun(plan)).toThrow(/--interleave/);
  });
});
