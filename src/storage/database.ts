import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { LmpowerError } from '../core/errors.ts';
import { guarded } from './failures.ts';
import { keepStatements } from './kept-statements.ts';
import { APPLICATION_ID, MIGRATIONS } from './schema.ts';

export type StoreDatabase = Database.Database;

/** What was recorded is nobody else's business: prompts and answers are in it. */
const FOLDER_MODE = 0o700;
/** Fewer, larger pages: sample chunks are read in long runs. */
const PAGE_SIZE_B = 16_384;

/**
 * Opens the file, making it and its folder when missing, and brings its schema up to date. A file that is newer,
 * foreign or damaged is refused before anything is written to it.
 * @throws {LmpowerError} STORE_TOO_NEW, STORE_LOCKED, STORE_CORRUPT, STORE_UNWRITABLE
 */
export function openDatabase(path: string, busyTimeout_ms: number): StoreDatabase {
  createFolder(path);
  const db = guarded(path, () => keepStatements(new Database(path, { timeout: busyTimeout_ms })));
  try {
    guarded(path, () => prepareDatabase(db, path));
  } catch (thrown) {
    db.close();
    throw thrown;
  }
  return db;
}

function createFolder(path: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: FOLDER_MODE });
  } catch (cause) {
    throw new LmpowerError('STORE_UNWRITABLE', `the folder of ${path} cannot be made`, { cause });
  }
}

function prepareDatabase(db: StoreDatabase, path: string): void {
  refuseForeign(db, path);
  const version = versionOf(db, path);
  if (version === 0) db.pragma(`page_size = ${PAGE_SIZE_B}`);
  db.pragma('journal_mode = WAL');
  // Appends are rare and precious: each is on the disk before the run goes on.
  db.pragma('synchronous = FULL');
  db.pragma('foreign_keys = ON');
  if (version < MIGRATIONS.length) migrate(db, path);
}

function refuseForeign(db: StoreDatabase, path: string): void {
  if (numberOf(db, 'application_id') === APPLICATION_ID) return;
  const tables = db.prepare<[], { n: number }>('SELECT count(*) AS n FROM sqlite_schema').get()?.n ?? 0;
  if (tables > 0) throw new LmpowerError('STORE_CORRUPT', `${path} is a database, but not one of lmpower`);
}

function versionOf(db: StoreDatabase, path: string): number {
  const version = numberOf(db, 'user_version');
  if (version <= MIGRATIONS.length) return version;
  const message = `${path} was written by a newer lmpower (schema ${version}, this one knows ${MIGRATIONS.length})`;
  throw new LmpowerError('STORE_TOO_NEW', message);
}

function migrate(db: StoreDatabase, path: string): void {
  const steps = db.transaction(() => {
    // Another process may have been first.
    for (const step of MIGRATIONS.slice(versionOf(db, path))) db.exec(step);
    db.pragma(`application_id = ${APPLICATION_ID}`);
    db.pragma(`user_version = ${MIGRATIONS.length}`);
  });
  steps.immediate();
}

function numberOf(db: StoreDatabase, pragma: 'application_id' | 'user_version'): number {
  return Number(db.pragma(pragma, { simple: true }));
}
