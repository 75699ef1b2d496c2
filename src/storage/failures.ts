import Database from 'better-sqlite3';
import { type ErrorCode, LmpowerError } from '../core/errors.ts';

/** SQLite's result codes by their beginning. Source: sqlite.org/rescode.html */
const MEANING: readonly (readonly [prefix: string, code: ErrorCode, what: string])[] = [
  ['SQLITE_BUSY', 'STORE_LOCKED', 'is in use by another program'],
  ['SQLITE_LOCKED', 'STORE_LOCKED', 'is in use by another program'],
  ['SQLITE_NOTADB', 'STORE_CORRUPT', 'is not a database'],
  ['SQLITE_CORRUPT', 'STORE_CORRUPT', 'is damaged'],
  ['SQLITE_FULL', 'STORE_UNWRITABLE', 'cannot be written: the disk is full'],
  ['SQLITE_CANTOPEN', 'STORE_UNWRITABLE', 'cannot be opened'],
  ['SQLITE_READONLY', 'STORE_UNWRITABLE', 'is read-only'],
  ['SQLITE_PERM', 'STORE_UNWRITABLE', 'may not be written'],
  ['SQLITE_IOERR', 'STORE_UNWRITABLE', 'cannot be read or written'],
];

/** Runs `work` on the file; what SQLite throws becomes the store's own error, with SQLite's as its cause. */
export function guarded<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (thrown) {
    throw storeError(path, thrown);
  }
}

/** A row whose contents are not what this program wrote. */
export function corrupt(detail: string, cause?: unknown): LmpowerError {
  return new LmpowerError('STORE_CORRUPT', `the store is damaged: ${detail}`, { cause });
}

function storeError(path: string, thrown: unknown): unknown {
  if (!(thrown instanceof Database.SqliteError)) return thrown;
  const known = MEANING.find(([prefix]) => thrown.code.startsWith(prefix));
  if (known === undefined) {
    return new LmpowerError('BUG', `${path}: ${thrown.message} (${thrown.code})`, { cause: thrown });
  }
  const [, code, what] = known;
  return new LmpowerError(code, `${path} ${what} (${thrown.message})`, { cause: thrown });
}
