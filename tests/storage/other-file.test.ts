import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import type { Recording } from '../../src/core/run.ts';
import { keepStatements } from '../../src/storage/kept-statements.ts';
import { APPLICATION_ID, MIGRATIONS } from '../../src/storage/schema.ts';
import { openStore, type RunStore } from '../../src/storage/store.ts';
import { measuredRecording } from '../support/documents.ts';
import { environmentOf } from '../support/recording.ts';
import { storeRecording } from '../support/stored-run.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** A measured run under an id, of a machine, started on a day of January 2026. */
function recorded(id: string, machine: string, day: number): Recording {
  const recording = measuredRecording();
  const startedAt = `2026-01-${String(day).padStart(2, '0')}T00:00:00.000Z`;
  return { ...recording, run: { ...recording.run, id, startedAt, environment: environmentOf({ machine }) } };
}

function storeAt(path: string, recordings: readonly Recording[]): RunStore {
  const store = openStore(path);
  for (const recording of recordings) storeRecording(store, recording);
  return store;
}

const idsOf = (store: RunStore): string[] => store.list().map(({ id }) => id);

describe('importRuns', () => {
  test('brings the runs that are missing, machine, tags, note and document with them, and skips the others', () => {
    const folder = temporaryFolder();
    const here = storeAt(join(folder, 'here.db'), [recorded('a', 'Mac16,5', 1), recorded('b', 'Mac16,5', 5)]);
    const away = join(folder, 'away.db');
    const there = storeAt(away, [recorded('b', 'other', 5), recorded('c', 'Mac14,2', 3)]);
    there.addTags('c', ['fleet']);
    there.setNote('c', 'from the laptop');
    there.saveDocument('c', '{}');
    const original = there.load('c');
    there.close();
    const before = readFileSync(away);
    expect(here.importRuns(away)).toEqual({ copied: ['c'], present: ['b'] });
    expect(here.load('c')).toEqual(original);
    expect(here.loadDocument('c')).toBe('{}');
    expect(here.load('a')).toEqual(recorded('a', 'Mac16,5', 1));
    expect(here.list().map(({ id, machine, tags, note }) => [id, machine, tags, note])).toEqual([
      ['b', 'Mac16,5', [], null],
      ['c', 'Mac14,2', ['fleet'], 'from the laptop'],
      ['a', 'Mac16,5', [], null],
    ]);
    expect(here.faults()).toEqual([]);
    expect(here.importRuns(away)).toEqual({ copied: [], present: ['c', 'b'] });
    expect(readFileSync(away)).toEqual(before);
    here.close();
  });

  test('takes runs of an older schema', () => {
    const folder = temporaryFolder();
    const old = join(folder, 'old.db');
    const db = keepStatements(new Database(old));
    for (const step of MIGRATIONS.slice(0, 1)) db.exec(step);
    db.pragma(`application_id = ${APPLICATION_ID}`);
    db.pragma('user_version = 1');
    db.prepare(
      `INSERT INTO run VALUES (1, 'old', '2025-01-01T00:00:00.000Z', 0, 'finished', '0', 1, 'B2', 0,
       '{"models":["m"],"workload":{"id":"w"}}', '{"machine":"Mac1","settings":[]}')`,
    ).run();
    db.prepare(`INSERT INTO trial VALUES (1, 1, 0, 'm', 'w', 'p', 'c', 0, NULL)`).run();
    db.close();
    const here = openStore(':memory:');
    expect(here.importRuns(old).copied).toEqual(['old']);
    expect(here.list()).toMatchObject([{ id: 'old', trials: 1, models: ['m'], machine: 'Mac1' }]);
    expect(here.load('old').trials).toHaveLength(1);
  });

  test('refuses itself, what is missing, what is foreign and what is newer, and changes nothing', () => {
    const folder = temporaryFolder();
    const path = join(folder, 'here.db');
    const here = storeAt(path, [recorded('a', 'm', 1)]);
    const text = join(folder, 'notes.txt');
    writeFileSync(text, 'no database at all, but long enough to be looked at as one would be '.repeat(20));
    const newer = join(folder, 'newer.db');
    openStore(newer).close();
    const db = keepStatements(new Database(newer));
    db.pragma(`user_version = ${MIGRATIONS.length + 1}`);
    db.close();
    const cases = [
      [path, 'USAGE'],
      [join(folder, 'missing.db'), 'USAGE'],
      [text, 'STORE_CORRUPT'],
      [newer, 'STORE_TOO_NEW'],
    ];
    for (const [file = '', code] of cases)
      expect(() => here.importRuns(file)).toThrow(expect.objectContaining({ code }));
    expect(existsSync(join(folder, 'missing.db'))).toBe(false);
    expect(idsOf(here)).toEqual(['a']);
    here.close();
  });

  test('a row that lmpower cannot have written stops the whole import', () => {
    const folder = temporaryFolder();
    const bad = join(folder, 'bad.db');
    storeAt(bad, [recorded('b', 'm', 1), recorded('c', 'm', 2)]).close();
    const db = keepStatements(new Database(bad));
    db.pragma('ignore_check_constraints = ON');
    db.prepare(`UPDATE run SET plan = 'no JSON' WHERE id = 'c'`).run();
    db.close();
    const here = openStore(':memory:');
    expect(() => here.importRuns(bad)).toThrow(expect.objectContaining({ code: 'STORE_CORRUPT' }));
    expect(idsOf(here)).toEqual([]);
  });
});

describe('exportRuns', () => {
  test('writes the runs asked for into one private file that can be imported', () => {
    const folder = temporaryFolder();
    const here = storeAt(join(folder, 'here.db'), [recorded('a', 'm', 1), recorded('b', 'm', 2)]);
    const file = join(folder, 'out.db');
    expect(here.exportRuns(file, ['b'])).toEqual({ copied: ['b'], present: [] });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(existsSync(`${file}-wal`)).toBe(false);
    const away = openStore(':memory:');
    away.importRuns(file);
    expect(away.load('b')).toEqual(here.load('b'));
    expect(idsOf(away)).toEqual(['b']);
    here.close();
  });

  test('replaces no file, and leaves none behind for a run that is not there', () => {
    const folder = temporaryFolder();
    const here = storeAt(join(folder, 'here.db'), [recorded('a', 'm', 1)]);
    const file = join(folder, 'out.db');
    expect(() => here.exportRuns(file, ['z'])).toThrow(expect.objectContaining({ code: 'RUN_NOT_FOUND' }));
    expect(existsSync(file)).toBe(false);
    writeFileSync(file, 'mine');
    expect(() => here.exportRuns(file, ['a'])).toThrow(
      expect.objectContaining({ code: 'OUTPUT_UNWRITABLE' }),
    );
    expect(readFileSync(file, 'utf8')).toBe('mine');
    here.close();
  });
});

describe('backUp and vacuum', () => {
  test('a backup is the whole database, opens as one, and is made but once', () => {
    const folder = temporaryFolder();
    const here = storeAt(join(folder, 'here.db'), [recorded('a', 'm', 1), recorded('b', 'm', 2)]);
    here.addTags('a', ['kept']);
    const file = join(folder, 'backup.db');
    here.backUp(file);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(() => here.backUp(file)).toThrow(expect.objectContaining({ code: 'OUTPUT_UNWRITABLE' }));
    const copy = openStore(file);
    expect(copy.list()).toEqual(here.list());
    expect(copy.load('b')).toEqual(here.load('b'));
    expect(copy.faults()).toEqual([]);
    copy.close();
    here.close();
  });

  test('room of deleted runs goes back to the disk', () => {
    const folder = temporaryFolder();
    const path = join(folder, 'here.db');
    const here = storeAt(path, [recorded('a', 'm', 1), recorded('b', 'm', 2)]);
    here.saveDocument('a', 'x'.repeat(200_000));
    here.deleteRun('a');
    const { before_B, after_B } = here.vacuum();
    expect(before_B - after_B).toBeGreaterThan(150_000);
    expect(statSync(path).size).toBe(after_B);
    expect(here.load('b')).toEqual(recorded('b', 'm', 2));
    here.close();
  });
});
