import { beforeAll, describe, expect, test } from 'vitest';
import { openStore, type RunFilter, type RunStore } from '../../src/storage/store.ts';
import { planOf, runRecordOf } from '../support/recording.ts';

const day = (number: number): string => `2026-01-0${number}T12:00:00.000Z`;
let store: RunStore;

beforeAll(() => {
  store = openStore(':memory:');
  const plan = planOf();
  const grid = { ...plan.workload, id: 'energy-grid-v1' };
  store.createRun(
    runRecordOf({ id: 'a', startedAt: day(1), plan: planOf({ models: ['qwen3-4b', 'gemma-3'] }) }),
  );
  store.createRun(
    runRecordOf({ id: 'b', startedAt: day(3), plan: planOf({ models: ['qwen3-8b'], workload: grid }) }),
  );
  store.createRun(runRecordOf({ id: 'c', startedAt: day(2), state: 'failed' }));
  store.addTags('a', ['before-update', 'kept']);
  store.addTags('c', ['kept']);
});

describe('listRuns', () => {
  const cases: readonly (readonly [string, RunFilter, readonly string[]])[] = [
    ['nothing: all, by start and not by when they came in', {}, ['b', 'c', 'a']],
    ['a model, as a pattern found in any of them', { model: /^qwen3-\d+b$/ }, ['b', 'a']],
    ['the workload', { workload: 'energy-grid-v1' }, ['b']],
    ['the state', { state: 'failed' }, ['c']],
    ['a tag', { tag: 'kept' }, ['c', 'a']],
    ['a day, from its beginning', { since: '2026-01-02' }, ['b', 'c']],
    ['a time, at which it started', { since: day(3) }, ['b']],
    ['so many', { limit: 2 }, ['b', 'c']],
    ['so many of a model', { limit: 1, model: /4b/ }, ['a']],
    ['several things, which must all hold', { tag: 'kept', model: /qwen/ }, ['a']],
    ['what no run fits', { tag: 'before-update', state: 'failed' }, []],
  ];
  test.each(cases)('filtered by %s', (_name, filter, ids) => {
    expect(store.list(filter).map(({ id }) => id)).toEqual(ids);
  });

  test('a pattern that remembers where it was finds every run all the same', () => {
    expect(store.list({ model: /qwen/g })).toHaveLength(2);
  });

  test('latest is the run that started last, even where an older one came in after it', () => {
    expect(store.resolve('latest')).toBe('b');
  });

  test('latest is never a run that failed before it recorded anything', () => {
    const own = openStore(':memory:');
    own.createRun(runRecordOf({ id: 'empty', startedAt: day(4), state: 'failed' }));
    expect(() => own.resolve('latest')).toThrow('no run is recorded yet');
    own.createRun(runRecordOf({ id: 'whole', startedAt: day(1), state: 'finished' }));
    own.createRun(runRecordOf({ id: 'begun', startedAt: day(2), state: 'failed' }));
    expect(own.resolve('latest')).toBe('whole');
    own.append('begun', { phases: [{ kind: 'load', start_s: 0, end_s: 1 }] });
    expect(own.resolve('latest')).toBe('whole');
    own.append('begun', { phases: [{ kind: 'baseline', start_s: 0, end_s: 10 }] });
    expect(own.resolve('latest')).toBe('begun');
    expect(own.list({}).map(({ id }) => id)).toContain('empty');
    own.close();
  });
});
