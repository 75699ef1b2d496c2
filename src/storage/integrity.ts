import type { StoreDatabase } from './database.ts';
import { FLOAT_B } from './float-columns.ts';

/** Something in the file that lmpower cannot have written: which check found it, and where. */
export interface StoreFault {
  readonly check: string;
  readonly detail: string;
}

interface Check {
  readonly check: string;
  /** One row a fault; its only column says where. */
  readonly sql: string;
}

const CHECKS: readonly Check[] = [
  {
    check: 'samples of a domain that was never declared',
    sql: `SELECT DISTINCT run.id || ': ' || chunk.domain FROM chunk JOIN run USING (runKey)
      WHERE NOT EXISTS (SELECT 1 FROM domain WHERE domain.runKey = chunk.runKey AND domain.id = chunk.domain)`,
  },
  {
    check: 'samples cut off',
    sql: `SELECT run.id || ': ' || chunk.domain || ', chunk ' || chunkKey FROM chunk JOIN run USING (runKey)
      WHERE length(columns) <> count * ${FLOAT_B} * CASE hasPower WHEN 1 THEN 5 ELSE 3 END`,
  },
  {
    check: 'tokens cut off',
    sql: `SELECT run.id || ': trial ' || trial."index" FROM completion JOIN trial USING (trialKey) JOIN run USING (runKey)
      WHERE length(tokens) % ${2 * FLOAT_B + 1} <> 0`,
  },
  {
    check: 'trials missing between others',
    sql: `SELECT run.id || ': ' || count(*) || ' trials, the last is number ' || max("index")
      FROM trial JOIN run USING (runKey)
      WHERE run.state = 'finished' AND json_extract(run.plan, '$.until') IS NULL
      AND json_extract(run.plan, '$.known') IS NULL GROUP BY runKey HAVING count(*) <> max("index") + 1`,
  },
  {
    check: 'phase of a trial of another run',
    sql: `SELECT run.id || ': phase ' || phaseKey FROM phase JOIN run USING (runKey) JOIN trial USING (trialKey)
      WHERE trial.runKey <> phase.runKey`,
  },
  {
    check: 'phase that ends before it begins',
    sql: `SELECT run.id || ': ' || kind || ' at ' || start_s || ' s' FROM phase JOIN run USING (runKey)
      WHERE end_s < start_s`,
  },
  {
    check: 'answer that ends before it was asked for',
    sql: `SELECT run.id || ': trial ' || trial."index" FROM completion JOIN trial USING (trialKey) JOIN run USING (runKey)
      WHERE ended_s < requested_s`,
  },
  {
    check: 'run document that is not JSON',
    sql: 'SELECT run.id FROM document JOIN run USING (runKey) WHERE NOT json_valid(text)',
  },
];

/** SQLite's own checks of pages, indices and references, then lmpower's of what the rows say. Empty: sound. */
export function storeFaults(db: StoreDatabase): StoreFault[] {
  return [
    ...pageFaults(db),
    ...referenceFaults(db),
    ...CHECKS.flatMap(({ check, sql }) =>
      db
        .prepare<[], string>(sql)
        .pluck()
        .all()
        .map((detail) => ({ check, detail })),
    ),
  ];
}

/** Source: sqlite.org/pragma.html#pragma_integrity_check */
function pageFaults(db: StoreDatabase): StoreFault[] {
  return db
    .prepare<[], string>('SELECT integrity_check FROM pragma_integrity_check')
    .pluck()
    .all()
    .filter((line) => line !== 'ok')
    .map((detail) => ({ check: 'integrity of the file', detail }));
}

/** Source: sqlite.org/pragma.html#pragma_foreign_key_check */
function referenceFaults(db: StoreDatabase): StoreFault[] {
  return db
    .prepare<[], { table: string; rowid: number; parent: string }>(
      'SELECT "table", rowid, parent FROM pragma_foreign_key_check',
    )
    .all()
    .map(({ table, rowid, parent }) => ({
      check: 'row without the one it belongs to',
      detail: `${table} ${rowid}: its ${parent} is gone`,
    }));
}
