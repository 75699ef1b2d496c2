import { existsSync } from 'node:fs';
import Database from 'better-sqlite3';
import { LmpowerError } from '../core/errors.ts';
import { guarded } from './failures.ts';
import { keepStatements } from './kept-statements.ts';
import { APPLICATION_ID } from './schema.ts';

/** All rows of one table of another program's database, which is only read. @throws {LmpowerError} IMPORT_INVALID, STORE_* */
export function readForeignRows(path: string, table: string): unknown[] {
  if (!existsSync(path)) throw new LmpowerError('IMPORT_INVALID', `there is no file ${path}.`);
  const db = guarded(path, () => keepStatements(new Database(path, { readonly: true, fileMustExist: true })));
  try {
    return guarded(path, () => rowsOf(db, path, table));
  } finally {
    db.close();
  }
}

function rowsOf(db: Database.Database, path: string, table: string): unknown[] {
  if (Number(db.pragma('application_id', { simple: true })) === APPLICATION_ID)
    throw new LmpowerError('IMPORT_INVALID', `${path} is a database of lmpower.`, {
      remedy: `lmpower db import ${path}`,
    });
  const found = db
    .prepare<[string], number>("SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = ?")
    .pluck()
    .get(table);
  if (found === 0) throw new LmpowerError('IMPORT_INVALID', `${path} has no table ${table}.`);
  return db.prepare(`SELECT * FROM "${table.replaceAll('"', '""')}"`).all();
}
