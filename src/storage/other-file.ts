import { closeSync, openSync, realpathSync, rmSync } from 'node:fs';
import { LmpowerError } from '../core/errors.ts';
import { type CopiedRuns, copyRuns } from './copy-runs.ts';
import { openDatabase, type StoreDatabase } from './database.ts';
import { guarded } from './failures.ts';
import { APPLICATION_ID, MIGRATIONS } from './schema.ts';

/** Prompts and answers are in it, as in the database itself. */
const FILE_MODE = 0o600;
/** Long enough for a run's append. */
const BUSY_TIMEOUT_MS = 5000;

/** Room that a database takes in its file. */
export interface FileSize {
  readonly before_B: number;
  readonly after_B: number;
}

/**
 * The whole database, as it is at this moment, into a file that is not there yet; others may go on writing.
 * Source: sqlite.org/lang_vacuum.html, VACUUM INTO. @throws {LmpowerError} OUTPUT_UNWRITABLE, STORE_*
 */
export function backUp(db: StoreDatabase, path: string): void {
  intoNewFile(path, () => db.prepare('VACUUM main INTO ?').run(path));
}

/** Some runs into a database of their own. @throws {LmpowerError} OUTPUT_UNWRITABLE, STORE_* */
export function exportRuns(from: string, into: string, ids: readonly string[]): CopiedRuns {
  return intoNewFile(into, () => {
    const target = openDatabase(into, BUSY_TIMEOUT_MS);
    try {
      const copied = copyFrom(target, from, ids);
      // One file alone, readable where nothing can be written.
      guarded(into, () => target.pragma('journal_mode = DELETE'));
      return copied;
    } finally {
      target.close();
    }
  });
}

/** All runs of another file that this database does not have. @throws {LmpowerError} USAGE, STORE_* */
export function importRuns(db: StoreDatabase, own: string, from: string): CopiedRuns {
  const other = realPath(from);
  if (own !== ':memory:' && realPath(own) === other)
    throw new LmpowerError('USAGE', `${from} is the database that it would be imported into.`, {
      remedy: 'name the file of another machine, or another database: --db FILE',
    });
  return copyFrom(db, other);
}

/** Gives room that deleted runs left back to the disk. */
export function vacuum(db: StoreDatabase): FileSize {
  const before_B = size_B(db);
  db.exec('VACUUM');
  db.pragma('wal_checkpoint(TRUNCATE)');
  return { before_B, after_B: size_B(db) };
}

function copyFrom(db: StoreDatabase, path: string, ids?: readonly string[]): CopiedRuns {
  guarded(path, () => db.prepare('ATTACH ? AS other').run(path));
  try {
    guarded(path, () => refuseStrange(db, path));
    return readAs(path, () => db.transaction(() => copyRuns(db, ids)).deferred());
  } finally {
    db.prepare('DETACH other').run();
  }
}

/** What this program wrote, it takes back: a row that is refused was not written by it. */
function readAs<T>(path: string, work: () => T): T {
  try {
    return guarded(path, work);
  } catch (thrown) {
    if (!(thrown instanceof LmpowerError) || thrown.code !== 'BUG') throw thrown;
    throw new LmpowerError('STORE_CORRUPT', `${thrown.message}: nothing was copied`, { cause: thrown });
  }
}

function refuseStrange(db: StoreDatabase, path: string): void {
  const number = (pragma: string): number => Number(db.pragma(`other.${pragma}`, { simple: true }));
  if (number('application_id') !== APPLICATION_ID)
    throw new LmpowerError('STORE_CORRUPT', `${path} is not a database of lmpower`);
  const version = number('user_version');
  if (version <= MIGRATIONS.length) return;
  const message = `${path} was written by a newer lmpower (schema ${version}, this one knows ${MIGRATIONS.length})`;
  throw new LmpowerError('STORE_TOO_NEW', message);
}

/** Makes the file, empty and readable by its owner alone, and takes it away again where `work` fails. */
function intoNewFile<T>(path: string, work: () => T): T {
  try {
    closeSync(openSync(path, 'wx', FILE_MODE));
  } catch (cause) {
    const isThere = cause instanceof Error && 'code' in cause && cause.code === 'EEXIST';
    const why = isThere ? 'is there already' : 'cannot be made';
    const remedy = isThere ? 'name a new file, or move that one away' : undefined;
    throw new LmpowerError('OUTPUT_UNWRITABLE', `${path} ${why}.`, {
      cause,
      ...(remedy === undefined ? {} : { remedy }),
    });
  }
  try {
    return guarded(path, work);
  } catch (thrown) {
    for (const end of ['', '-wal', '-shm', '-journal']) rmSync(path + end, { force: true });
    throw thrown;
  }
}

/** @throws {LmpowerError} USAGE where there is no such file: SQLite would make one */
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch (cause) {
    throw new LmpowerError('USAGE', `there is no file ${path}.`, {
      remedy: 'name a file that lmpower db export or lmpower db backup wrote',
      cause,
    });
  }
}

function size_B(db: StoreDatabase): number {
  const number = (pragma: string): number => Number(db.pragma(pragma, { simple: true }));
  return number('page_count') * number('page_size');
}
