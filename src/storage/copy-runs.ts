import type { StoreDatabase } from './database.ts';

/** Runs brought from one database into another. */
export interface CopiedRuns {
  /** Ids, the oldest first. */
  readonly copied: readonly string[];
  /** Those that were there already: nothing of them is touched. */
  readonly present: readonly string[];
}

interface SourceRun {
  readonly runKey: number;
  readonly id: string;
}

/** Tables that belong to a run, by how their rows are found there; parents before children. */
const BY_RUN = 'WHERE runKey = @from';
const BY_TRIAL = 'WHERE trialKey IN (SELECT trialKey FROM other.trial WHERE runKey = @from)';
const TABLES: readonly (readonly [table: string, ofRun: string])[] = [
  ['domain', BY_RUN],
  ['chunk', BY_RUN],
  ['trial', BY_RUN],
  ['phase', BY_RUN],
  ['completion', BY_TRIAL],
  ['observation', BY_RUN],
  ['event', BY_RUN],
  ['mark', BY_RUN],
  ['failure', BY_RUN],
  ['session', BY_RUN],
  ['result', BY_RUN],
  ['document', BY_RUN],
  ['tag', BY_RUN],
  ['note', BY_RUN],
];

/**
 * Copies the runs of the database attached as `other` whose ids are asked for (all, where none is) and not there yet,
 * as they are: environment, samples, documents, tags. To be called inside a transaction.
 */
export function copyRuns(db: StoreDatabase, ids?: readonly string[]): CopiedRuns {
  // A write takes the lock of this file alone, so that what is read below cannot change and the other stays untouched.
  db.prepare('DELETE FROM main.run WHERE 0').run();
  const wanted = ids === undefined ? null : new Set(ids);
  const runs = db
    .prepare<[], SourceRun>('SELECT runKey, id FROM other.run ORDER BY startedAt, runKey')
    .all()
    .filter(({ id }) => wanted === null || wanted.has(id));
  const there = new Set(db.prepare<[], string>('SELECT id FROM main.run').pluck().all());
  const missing = runs.filter(({ id }) => !there.has(id));
  const trialOffset = db
    .prepare<[], number>('SELECT coalesce(max(trialKey), 0) FROM main.trial')
    .pluck()
    .get();
  const copy = runCopier(db, trialOffset ?? 0);
  for (const run of missing) copy(run);
  return {
    copied: missing.map(({ id }) => id),
    present: runs.filter(({ id }) => there.has(id)).map(({ id }) => id),
  };
}

function runCopier(db: StoreDatabase, trialOffset: number): (run: SourceRun) => void {
  const columns = columnsOf(db, 'run').filter((column) => column !== 'runKey');
  const list = quoted(columns);
  const insertRun = db.prepare(
    `INSERT INTO main.run (${list}) SELECT ${list} FROM other.run WHERE runKey = @from`,
  );
  const inserts = TABLES.flatMap(([table, ofRun]) => {
    const sql = insertSql(db, table, ofRun);
    return sql === null ? [] : [{ statement: db.prepare(sql), table }];
  });
  return ({ runKey }) => {
    const into = insertRun.run({ from: runKey }).lastInsertRowid;
    for (const { statement } of inserts) statement.run({ from: runKey, into, trialOffset });
  };
}

/** Null where the other database, being of an older schema, has no such table. Columns that it lacks keep their default. */
function insertSql(db: StoreDatabase, table: string, ofRun: string): string | null {
  const ownKey = table === 'trial' ? '' : `${table}Key`;
  const columns = columnsOf(db, table).filter((column) => column !== ownKey);
  if (columns.length === 0) return null;
  const values = columns.map((column) => {
    if (column === 'runKey') return '@into';
    return column === 'trialKey' ? 'trialKey + @trialOffset' : `"${column}"`;
  });
  const order = ['tag', 'note', 'document', 'result'].includes(table) ? '' : `ORDER BY ${table}Key`;
  return `INSERT INTO main.${table} (${quoted(columns)}) SELECT ${values.join(', ')} FROM other.${table} ${ofRun} ${order}`;
}

/** Columns that both databases know. */
function columnsOf(db: StoreDatabase, table: string): string[] {
  return db
    .prepare<[string, string], string>(
      `SELECT name FROM pragma_table_info(?, 'main')
       WHERE name IN (SELECT name FROM pragma_table_info(?, 'other')) ORDER BY cid`,
    )
    .pluck()
    .all(table, table);
}

function quoted(columns: readonly string[]): string {
  return columns.map((column) => `"${column}"`).join(', ');
}
