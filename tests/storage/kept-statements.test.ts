import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { keepStatements } from '../../src/storage/kept-statements.ts';

describe('keepStatements', () => {
  test('prepares one statement per text, so that none becomes garbage', () => {
    const db = keepStatements(new Database(':memory:'));
    expect(db.prepare('SELECT 1 AS one')).toBe(db.prepare('SELECT 1 AS one'));
    expect(db.prepare('SELECT 2 AS two')).not.toBe(db.prepare('SELECT 1 AS one'));
    db.close();
  });

  test('answers pragmas as better-sqlite3 does', () => {
    const db = keepStatements(new Database(':memory:'));
    db.pragma('user_version = 7');
    expect(db.pragma('user_version')).toEqual([{ user_version: 7 }]);
    expect(db.pragma('user_version', { simple: true })).toBe(7);
    expect(db.pragma('journal_mode = WAL', { simple: true })).toBe('memory');
    db.close();
  });

  test('no test opens a database that is not kept either: its end would abort the suite on Node 24', () => {
    const folder = join(import.meta.dirname, '..');
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith('.ts'),
    );
    const bare = files.filter((name) =>
      /(?<!keepStatements\()new Database\(/.test(readFileSync(join(folder, name), 'utf8')),
    );
    expect(bare).toEqual([]);
  });

  test('nothing in storage asks for an iterator, which could not be kept', () => {
    const folder = join(import.meta.dirname, '../../src/storage');
    const asking = readdirSync(folder).filter((name) =>
      /\.iterate\(/.test(readFileSync(join(folder, name), 'utf8')),
    );
    expect(asking.filter((name) => name.endsWith('.ts'))).toEqual([]);
  });
});
