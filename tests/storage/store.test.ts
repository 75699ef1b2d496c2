import { copyFileSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { LmpowerError } from '../../src/core/errors.ts';
import type { Trial } from '../../src/core/run.ts';
import { keepStatements } from '../../src/storage/kept-statements.ts';
import { openStore, type RunStore } from '../../src/storage/store.ts';
import { newRun, shortAnswer } from '../support/any-recording.ts';
import { meanSample, testDomain } from '../support/scripted-sampler.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const trial = (index: number, changes: Partial<Trial> = {}): Trial => ({
  index,
  model: 'qwen3-4b',
  workload: 'classic-v1',
  promptId: 'short-1',
  category: 'short',
  repetition: 0,
  phases: [{ kind: 'inference', start_s: 1, end_s: 2 }],
  completions: [],
  truth: null,
  ...changes,
});

const inMemory = (): RunStore => openStore(':memory:');

/** The error that `work` throws; a call that succeeds fails the test. */
function failureOf(work: () => unknown): LmpowerError {
  try {
    work();
  } catch (thrown) {
    if (thrown instanceof LmpowerError) return thrown;
    throw thrown;
  }
  throw new Error('nothing was thrown');
}

describe('RunStore', () => {
  test('an append is all or nothing', () => {
    const store = inMemory();
    store.createRun(newRun('a'));
    const bad = trial(0.5);
    const part = {
      samples: [meanSample('cpu', 0, 1)],
      domains: [testDomain('cpu')],
      trials: [trial(0), bad],
    };
    expect(failureOf(() => store.append('a', part)).code).toBe('BUG');
    expect(store.load('a')).toMatchObject({ series: [], domains: [], trials: [] });
  });

  test('a trial that is appended again replaces the former, phases and all', () => {
    const store = inMemory();
    store.createRun(newRun('a'));
    store.append('a', { trials: [trial(0, { completions: [shortAnswer] }), trial(1)] });
    const grown = trial(0, {
      completions: [{ ...shortAnswer, text: 'retried' }],
      phases: [
        { kind: 'inference', start_s: 1, end_s: 2 },
        { kind: 'cooldown', start_s: 2, end_s: 5 },
      ],
    });
    store.append('a', { trials: [grown] });
    expect(store.load('a').trials).toEqual([grown, trial(1)]);
    expect(store.load('a').phases).toEqual([]);
  });

  test('the truth of the lab is set by trial index, and marks nothing else', () => {
    const store = inMemory();
    store.createRun(newRun('a'));
    store.append('a', { trials: [trial(3), trial(4)] });
    const truth = { gross_J: 12.5, net_J: -0.25, prefill_J: null, decode_J: 3 };
    store.setTruth('a', new Map([[4, truth]]));
    expect(store.load('a').trials).toEqual([trial(3), trial(4, { truth })]);
    expect(store.load('a').run.simulated).toBe(false);
    store.setSimulated('a');
    expect(store.load('a').run).toEqual(newRun('a', { simulated: true }));
  });

  test('settings are added to those of the environment; a run can be replaced and finished', () => {
    const store = inMemory();
    const run = newRun('a');
    store.createRun(run);
    const setting = { name: 'gpu', requested: 'max', effective: 'max', source: 'server' } as const;
    store.append('a', { settings: [setting] });
    expect(store.load('a').run.environment.settings).toEqual([...run.environment.settings, setting]);
    const replaced = newRun('a', { baselineState: 'B0', environment: { ...run.environment, chip: null } });
    store.updateRun(replaced);
    store.finishRun('a', 'finished');
    expect(store.load('a').run).toEqual({ ...replaced, state: 'finished' });
  });

  test('a document is kept to the byte; none is null', () => {
    const store = inMemory();
    store.createRun(newRun('a'));
    expect(store.loadDocument('a')).toBeNull();
    for (const text of ['{"schemaVersion":1}\n', 'zwei\u0000\r\n🌍']) {
      store.saveDocument('a', text);
      expect(store.loadDocument('a')).toBe(text);
    }
  });

  test.each<[string, (store: RunStore) => unknown]>([
    ['load', (store) => store.load('x')],
    ['append', (store) => store.append('x', {})],
    ['updateRun', (store) => store.updateRun(newRun('x'))],
    ['finishRun', (store) => store.finishRun('x', 'finished')],
    ['setTruth', (store) => store.setTruth('x', new Map())],
    ['setSimulated', (store) => store.setSimulated('x')],
    ['saveDocument', (store) => store.saveDocument('x', '')],
    ['loadDocument', (store) => store.loadDocument('x')],
  ])('%s of a run that is not there is RUN_NOT_FOUND', (_name, call) => {
    const store = inMemory();
    store.createRun(newRun('a'));
    expect(failureOf(() => call(store)).code).toBe('RUN_NOT_FOUND');
  });
});

describe('RunStore.resolve', () => {
  const stored = (): RunStore => {
    const store = inMemory();
    for (const id of ['019a-aaaa', '019a-aabb', '019b-cccc', '019b-cccc-1', '019%-dddd'])
      store.createRun(newRun(id));
    return store;
  };

  test.each([
    ['an id', '019b-cccc-1', '019b-cccc-1'],
    ['an id that others begin with', '019b-cccc', '019b-cccc'],
    ['a unique prefix', '019a-aab', '019a-aabb'],
    ['capital letters', '019A-AAB', '019a-aabb'],
    ['a prefix with a wildcard of SQL, taken literally', '019%', '019%-dddd'],
    ['latest', 'latest', '019%-dddd'],
  ])('%s', (_name, ref, id) => {
    expect(stored().resolve(ref)).toBe(id);
  });

  test.each([
    ['019a', 'RUN_AMBIGUOUS', "'019a' fits several runs: 019a-aaaa, 019a-aabb"],
    ['020', 'RUN_NOT_FOUND', "no run '020'"],
    ['_19a', 'RUN_NOT_FOUND', "no run '_19a'"],
    ['', 'RUN_NOT_FOUND', "no run ''"],
  ])('%j is refused', (ref, code, message) => {
    expect(failureOf(() => stored().resolve(ref))).toMatchObject({ code, message });
  });

  test('latest of an empty store says so', () => {
    expect(failureOf(() => inMemory().resolve('latest'))).toMatchObject({
      code: 'RUN_NOT_FOUND',
      message: 'no run is recorded yet',
      remedy: 'lmpower demo, or: sudo lmpower run',
    });
  });
});

describe('RunStore.list', () => {
  test('names the newest run first, with its models, workload and trials', () => {
    const store = inMemory();
    expect(store.list()).toEqual([]);
    store.createRun(newRun('a', { state: 'finished' }));
    store.createRun(newRun('b', { simulated: true, plan: { ...newRun('b').plan, models: ['m1', 'm2'] } }));
    store.append('a', { trials: [trial(0), trial(1)] });
    const listing = {
      startedAt: '2026-01-01T00:00:00.000Z',
      workload: 'classic-v1',
      machine: newRun('a').environment.machine,
      tags: [],
      note: null,
      imported: null,
    };
    expect(store.list()).toEqual([
      { ...listing, id: 'b', state: 'running', simulated: true, models: ['m1', 'm2'], trials: 0 },
      { ...listing, id: 'a', state: 'finished', simulated: false, models: ['qwen3-4b'], trials: 2 },
    ]);
  });
});

describe('openStore', () => {
  test('makes the folder, for the user alone, and what was written is there when it is opened again', () => {
    const folder = join(temporaryFolder(), 'deep', 'lmpower');
    const path = join(folder, 'lmpower.db');
    const store = openStore(path);
    store.createRun(newRun('a'));
    store.close();
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    const again = openStore(path);
    expect(again.load('a').run).toEqual(newRun('a'));
    again.close();
  });

  test('after a crash the run is there, still running, with all that was appended', () => {
    const folder = temporaryFolder();
    const [path, copy] = [join(folder, 'live.db'), join(folder, 'crashed.db')];
    const store = openStore(path);
    store.createRun(newRun('a'));
    store.append('a', { samples: [meanSample('cpu', 0, 1)], trials: [trial(0)] });
    // The files as they are at this instant are what a killed process leaves behind.
    for (const suffix of ['', '-wal']) copyFileSync(path + suffix, copy + suffix);
    const crashed = openStore(copy);
    expect(crashed.load('a')).toEqual(store.load('a'));
    expect(crashed.list()[0]?.state).toBe('running');
    crashed.close();
    store.close();
  });

  test('a reader is not disturbed by a writer, a second writer gets STORE_LOCKED', () => {
    const path = join(temporaryFolder(), 'lmpower.db');
    const store = openStore(path, { busyTimeout_ms: 1 });
    store.createRun(newRun('a'));
    const other = keepStatements(new Database(path));
    other.exec("BEGIN IMMEDIATE; UPDATE run SET state = 'failed'");
    const failure = failureOf(() => store.append('a', { samples: [meanSample('cpu', 0, 1)] }));
    expect(failure).toMatchObject({ code: 'STORE_LOCKED', exitCode: 3, cause: { code: 'SQLITE_BUSY' } });
    expect(store.load('a').run.state).toBe('running');
    other.exec('ROLLBACK');
    store.append('a', { samples: [meanSample('cpu', 0, 1)] });
    expect(store.load('a').series[0]?.energy_J).toEqual(Float64Array.of(1));
    other.close();
    store.close();
  });

  test('a file that another program holds for itself is STORE_LOCKED at once', () => {
    const path = join(temporaryFolder(), 'lmpower.db');
    openStore(path).close();
    const other = keepStatements(new Database(path));
    other.pragma('locking_mode = EXCLUSIVE');
    other.exec('BEGIN IMMEDIATE; DELETE FROM run; COMMIT');
    expect(failureOf(() => openStore(path, { busyTimeout_ms: 1 })).code).toBe('STORE_LOCKED');
    other.close();
  });

  test('a newer file is STORE_TOO_NEW and is left as it is', () => {
    const path = join(temporaryFolder(), 'lmpower.db');
    openStore(path).close();
    const newer = keepStatements(new Database(path));
    newer.pragma('user_version = 99');
    newer.close();
    const before = readFileSync(path);
    expect(failureOf(() => openStore(path))).toMatchObject({
      code: 'STORE_TOO_NEW',
      message: expect.stringContaining('schema 99'),
    });
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  test('a code of a newer version is STORE_TOO_NEW, not a crash', () => {
    const path = join(temporaryFolder(), 'lmpower.db');
    const store = openStore(path);
    store.createRun(newRun('a'));
    store.append('a', { events: [{ code: 'GAP', source: 's', at_s: 1, domain: null, detail: '' }] });
    const other = keepStatements(new Database(path));
    other.exec("UPDATE event SET code = 'NOT_INVENTED'");
    other.close();
    expect(failureOf(() => store.load('a')).message).toContain("'NOT_INVENTED'");
    store.close();
  });

  test.each([
    ['a file that is no database', 'This is a shopping list. '.repeat(50)],
    ['a database cut off after its header', null],
  ])('%s is STORE_CORRUPT', (_name, text) => {
    const path = join(temporaryFolder(), 'lmpower.db');
    if (text === null) {
      openStore(path).close();
      writeFileSync(path, readFileSync(path).subarray(0, 700));
    } else writeFileSync(path, text);
    const failure = failureOf(() => openStore(path).list());
    expect(failure.code).toBe('STORE_CORRUPT');
    expect(failure.message).toContain(path);
    expect(failure.cause).toBeInstanceOf(Database.SqliteError);
  });

  test('the database of another program is refused and left as it is', () => {
    const path = join(temporaryFolder(), 'theirs.db');
    const theirs = keepStatements(new Database(path));
    theirs.exec('CREATE TABLE bookmarks (url TEXT)');
    theirs.close();
    const before = readFileSync(path);
    expect(failureOf(() => openStore(path))).toMatchObject({ code: 'STORE_CORRUPT' });
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  test.each([
    ['samples', 'UPDATE chunk SET columns = substr(columns, 1, 20)'],
    ['tokens', "UPDATE completion SET tokens = x'0102'"],
  ])('%s that are cut off are STORE_CORRUPT', (_name, damage) => {
    const path = join(temporaryFolder(), 'lmpower.db');
    const store = openStore(path);
    store.createRun(newRun('a'));
    store.append('a', {
      samples: [meanSample('cpu', 0, 1)],
      trials: [trial(0, { completions: [shortAnswer] })],
    });
    const other = keepStatements(new Database(path));
    other.exec(damage);
    other.close();
    expect(failureOf(() => store.load('a')).code).toBe('STORE_CORRUPT');
    store.close();
  });

  test.each([
    ['a folder in its place', (folder: string) => folder],
    ['a file where its folder should be', (folder: string) => join(folder, 'file', 'lmpower.db')],
  ])('%s is STORE_UNWRITABLE, with the reason', (_name, pathIn) => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'file'), '');
    mkdirSync(join(folder, 'sub'));
    const failure = failureOf(() => openStore(pathIn(folder)));
    expect(failure).toMatchObject({ code: 'STORE_UNWRITABLE', exitCode: 3 });
    expect(failure.message).toContain(folder);
    expect(failure.cause).toBeInstanceOf(Error);
  });

  test('an empty file becomes a store, and opening an old one twice changes nothing', () => {
    const path = join(temporaryFolder(), 'lmpower.db');
    writeFileSync(path, '');
    openStore(path).close();
    const before = readFileSync(path);
    openStore(path).close();
    expect(readFileSync(path).equals(before)).toBe(true);
  });
});
