import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { keepStatements } from '../../src/storage/kept-statements.ts';
import { MIGRATIONS } from '../../src/storage/schema.ts';

const migrated = (): Database.Database => {
  const db = keepStatements(new Database(':memory:'));
  for (const step of MIGRATIONS) db.exec(step);
  return db;
};

interface TableRow {
  readonly name: string;
  readonly strict: number;
}

test('every table is STRICT', () => {
  const tables = migrated()
    .prepare<[], TableRow>(
      "SELECT name, strict FROM pragma_table_list WHERE schema = 'main' AND name NOT LIKE 'sqlite_%'",
    )
    .all();
  expect(tables.map(({ name }) => name)).toContain('chunk');
  expect(tables.filter(({ strict }) => strict !== 1)).toEqual([]);
});

test('deleting a run deletes all that belongs to it', () => {
  const db = migrated();
  const tables = db
    .prepare<[], string>(
      "SELECT name FROM pragma_table_list WHERE schema = 'main' AND name NOT LIKE 'sqlite_%'",
    )
    .pluck()
    .all();
  for (const table of tables.filter((name) => name !== 'run')) {
    const actions = db
      .prepare<[string], string>('SELECT on_delete FROM pragma_foreign_key_list(?)')
      .pluck()
      .all(table);
    expect(actions, table).not.toEqual([]);
    expect(actions.every((action) => action === 'CASCADE')).toBe(true);
  }
});
