import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type NewResult, openStore, type RunStore } from '../../src/storage/store.ts';
import { newRun, shortAnswer } from '../support/any-recording.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const METHOD = 1;
const plan = { ...newRun('x').plan, identities: [] };

function storeWith(...ids: readonly string[]): RunStore {
  const store = openStore(':memory:');
  for (const [place, id] of ids.entries()) {
    store.createRun(newRun(id, { plan, startedAt: `2026-01-0${place + 1}T00:00:00.000Z` }));
    store.append(id, { trials: [0, 1].map(trialOf) });
  }
  return store;
}

function trialOf(index: number) {
  return {
    index,
    model: `m${index}`,
    workload: 'w',
    promptId: 'p',
    category: 'short',
    repetition: 0,
    phases: [],
    completions: [shortAnswer],
    truth: null,
  };
}

const result = (trial: number, changes: Partial<NewResult> = {}): NewResult => ({
  trial,
  configuration: `c${trial}`,
  methodVersion: METHOD,
  isUsable: true,
  domain: 'soc',
  gross_J: 12,
  net_J: 10,
  output_tok: 100,
  duration_s: 4,
  grade: 'A',
  ...changes,
});

describe('RunStore: results', () => {
  test('come back by configuration with their run and trial, the newest run first', () => {
    const store = storeWith('a', 'b');
    for (const id of ['a', 'b']) store.saveResults(id, [result(0), result(1)]);
    expect(store.results('c1')).toEqual([
      { ...result(1), run: 'b', model: 'm1', promptId: 'p', startedAt: '2026-01-02T00:00:00.000Z' },
      { ...result(1), run: 'a', model: 'm1', promptId: 'p', startedAt: '2026-01-01T00:00:00.000Z' },
    ]);
    expect(store.results('nothing')).toEqual([]);
  });

  test('of a run are replaced, those of other runs stay: measuring again adds', () => {
    const store = storeWith('a', 'b');
    store.saveResults('a', [result(0)]);
    store.saveResults('b', [result(0, { net_J: 11 })]);
    store.saveResults('b', [result(0, { net_J: 12 })]);
    expect(store.results('c0').map(({ net_J }) => net_J)).toEqual([12, 10]);
  });

  test('nulls and what is not usable survive', () => {
    const store = storeWith('a');
    const bare = {
      domain: null,
      gross_J: null,
      net_J: null,
      output_tok: null,
      duration_s: null,
      grade: null,
    };
    store.saveResults('a', [result(0, { ...bare, isUsable: false })]);
    expect(store.results('c0')).toMatchObject([{ ...bare, isUsable: false }]);
  });

  test('come along when their run is copied into another file, and so do its sittings and failures', () => {
    const folder = temporaryFolder();
    const store = openStore(join(folder, 'a.db'));
    store.createRun(newRun('a', { plan }));
    const failures = [{ model: 'x', code: 'MODEL_NOT_FOUND', message: 'gone', at_s: 1 }];
    const session = { startedAt: '2026-01-02T00:00:00.000Z', origin_s: 1, start_s: 2, toolVersion: '1' };
    store.beginSession('a', { session, again: [] });
    store.append('a', { trials: [0, 1].map(trialOf), failures });
    store.saveResults('a', [result(0), result(1)]);
    store.exportRuns(join(folder, 'b.db'), ['a']);
    const copy = openStore(join(folder, 'b.db'));
    expect(copy.resultsOfRun('a')).toEqual(store.resultsOfRun('a'));
    expect(copy.load('a')).toEqual(store.load('a'));
    expect(copy.load('a')).toMatchObject({ failures, sessions: [session] });
    for (const one of [store, copy]) one.close();
  });

  test('go with their run', () => {
    const store = storeWith('a');
    store.saveResults('a', [result(0)]);
    store.deleteRun('a');
    expect(store.results('c0')).toEqual([]);
  });
});

describe('RunStore.runsToJudge', () => {
  test('names runs with trials that have no result, or one of another method', () => {
    const store = storeWith('none', 'part', 'whole', 'old');
    store.saveResults('part', [result(0)]);
    store.saveResults('whole', [result(0), result(1)]);
    store.saveResults('old', [result(0), result(1, { methodVersion: METHOD - 1 })]);
    expect(store.runsToJudge(METHOD).toSorted()).toEqual(['none', 'old', 'part']);
  });

  test('leaves out runs that do not say which models they asked', () => {
    const store = openStore(':memory:');
    store.createRun(newRun('early'));
    store.append('early', { trials: [trialOf(0)] });
    expect(store.runsToJudge(METHOD)).toEqual([]);
  });
});
