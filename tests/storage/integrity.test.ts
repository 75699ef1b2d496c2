import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { keepStatements } from '../../src/storage/kept-statements.ts';
import { openStore, type RunStore, type StoreFault } from '../../src/storage/store.ts';
import { newRun, shortAnswer } from '../support/any-recording.ts';
import { meanSample, testDomain } from '../support/scripted-sampler.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const trial = (index: number) => ({
  index,
  model: 'm',
  workload: 'classic-v1',
  promptId: 'short-1',
  category: 'short',
  repetition: index,
  phases: [{ kind: 'inference' as const, start_s: 1, end_s: 2 }],
  completions: [shortAnswer],
  truth: null,
});

function fill(store: RunStore): void {
  for (const id of ['one', 'two']) {
    store.createRun(newRun(id));
    store.append(id, {
      domains: [testDomain('cpu')],
      samples: [meanSample('cpu', 0, 1), meanSample('cpu', 1, 2)],
      trials: [trial(0), trial(1), trial(2)],
    });
    store.saveDocument(id, '{}');
    store.finishRun(id, 'finished');
  }
}

/** Faults after this damage, done past lmpower and past its foreign keys. */
function faultsAfter(damage: string): StoreFault[] {
  const path = join(temporaryFolder(), 'runs.db');
  const store = openStore(path);
  fill(store);
  store.close();
  const raw = keepStatements(new Database(path));
  raw.unsafeMode(true);
  raw.pragma('foreign_keys = OFF');
  raw.exec(damage);
  raw.close();
  const damaged = openStore(path);
  const faults = damaged.faults();
  damaged.close();
  return faults;
}

describe('faults of a store', () => {
  test('an empty store and a filled one have none', () => {
    const store = openStore(':memory:');
    expect(store.faults()).toEqual([]);
    fill(store);
    expect(store.faults()).toEqual([]);
  });

  test.each([
    ["DELETE FROM run WHERE id = 'two'", 'row without the one it belongs to', /run is gone/],
    [
      'UPDATE trial SET "index" = 5 WHERE trialKey = 3',
      'trials missing between others',
      /^one: 3 trials.* 5$/,
    ],
    ['DELETE FROM domain WHERE runKey = 2', 'samples of a domain that was never declared', /^two: cpu$/],
    ['UPDATE chunk SET columns = zeroblob(7) WHERE runKey = 1', 'samples cut off', /^one: cpu, chunk/],
    ['UPDATE chunk SET count = 3 WHERE runKey = 1', 'samples cut off', /^one/],
    ['UPDATE completion SET tokens = zeroblob(5) WHERE trialKey = 1', 'tokens cut off', /^one: trial 0$/],
    ['UPDATE phase SET end_s = 0 WHERE trialKey = 2', 'phase that ends before it begins', /^one: inference/],
    ['UPDATE phase SET runKey = 2 WHERE trialKey = 1', 'phase of a trial of another run', /^two: phase/],
    [
      'UPDATE completion SET ended_s = 0.5 WHERE trialKey = 3',
      'answer that ends before it was asked for',
      /trial 2/,
    ],
    ["UPDATE document SET text = '{' WHERE runKey = 1", 'run document that is not JSON', /^one$/],
  ])('%s is found', (damage, check, detail) => {
    const faults = faultsAfter(damage);
    expect(faults).toContainEqual({ check, detail: expect.stringMatching(detail) });
    expect(new Set(faults.map((fault) => fault.check))).toEqual(new Set([check]));
  });

  test('numbers that a model which could not be had, or a rule to stop, left free are no fault', () => {
    const gap = 'UPDATE trial SET "index" = 5 WHERE trialKey = 3';
    expect(faultsAfter(`${gap}; UPDATE run SET state = 'failed'`)).toEqual([]);
    expect(faultsAfter(`${gap}; UPDATE run SET plan = json_set(plan, '$.until', json('{}'))`)).toEqual([]);
  });

  test('an index that does not agree with its table is found', () => {
    const faults = faultsAfter(`PRAGMA writable_schema = ON;
      UPDATE sqlite_schema SET sql = 'CREATE INDEX chunkOfRun ON chunk (count)' WHERE name = 'chunkOfRun';`);
    expect(faults.map((fault) => fault.check)).toContain('integrity of the file');
  });
});
