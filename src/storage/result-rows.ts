import type { Grade } from '../core/result.ts';
import type { StoreDatabase } from './database.ts';

/** What came out of one trial: the headline domain's energy, by the configuration that was measured. */
export interface StoredResult {
  /** Id of the run, and the trial's index there. */
  readonly run: string;
  readonly trial: number;
  readonly model: string;
  readonly promptId: string;
  readonly startedAt: string;
  /** SHA-256 of the configuration. */
  readonly configuration: string;
  readonly methodVersion: number;
  /** Answered, and its energy not withheld. */
  readonly isUsable: boolean;
  /** Null: no meter. */
  readonly domain: string | null;
  readonly gross_J: number | null;
  readonly net_J: number | null;
  readonly output_tok: number | null;
  readonly duration_s: number | null;
  readonly grade: Grade | null;
}

/** As the analyzer gives it: the rest the store knows from the trial. */
export type NewResult = Omit<StoredResult, 'run' | 'model' | 'promptId' | 'startedAt'>;

interface ResultRow extends Omit<StoredResult, 'isUsable'> {
  readonly isUsable: 0 | 1;
}

const INSERT = `
INSERT OR REPLACE INTO result (trialKey, runKey, configuration, methodVersion, isUsable, domain, gross_J, net_J, output_tok,
  duration_s, grade)
SELECT trialKey, runKey, @configuration, @methodVersion, @isUsable, @domain, @gross_J, @net_J, @output_tok, @duration_s, @grade
FROM trial WHERE runKey = @runKey AND "index" = @trial`;

const COLUMNS = `
SELECT run.id AS run, trial."index" AS trial, trial.model, trial.promptId, run.startedAt, result.configuration,
  result.methodVersion, result.isUsable, result.domain, result.gross_J, result.net_J, result.output_tok,
  result.duration_s, result.grade
FROM result JOIN trial USING (trialKey) JOIN run ON run.runKey = result.runKey`;

/** Replaces those that the run has. */
export function writeResults(db: StoreDatabase, runKey: number, results: readonly NewResult[]): void {
  const insert = db.prepare(INSERT);
  for (const { isUsable, ...result } of results)
    insert.run({ ...result, isUsable: isUsable ? 1 : 0, runKey });
}

/** Of one configuration, the newest first. */
export function findResults(db: StoreDatabase, configuration: string): StoredResult[] {
  return db
    .prepare<[string], ResultRow>(
      `${COLUMNS} WHERE result.configuration = ? ORDER BY run.startedAt DESC, result.trialKey DESC`,
    )
    .all(configuration)
    .map(decoded);
}

/** Of one run, in the order of its trials' first append. */
export function resultsOfRun(db: StoreDatabase, runKey: number): StoredResult[] {
  return db
    .prepare<[number], ResultRow>(`${COLUMNS} WHERE result.runKey = ? ORDER BY result.trialKey`)
    .all(runKey)
    .map(decoded);
}

function decoded(row: ResultRow): StoredResult {
  return { ...row, isUsable: row.isUsable === 1 };
}

/**
 * Ids of runs whose configuration is recorded and that have trials without a result, or results of another method: those
 * that were killed, and those of an earlier version.
 */
export function runsToJudge(db: StoreDatabase, methodVersion: number): string[] {
  return db
    .prepare<[number], string>(
      `SELECT id FROM run WHERE json_type(plan, '$.identities') IS NOT NULL AND (
         EXISTS (SELECT 1 FROM result WHERE result.runKey = run.runKey AND result.methodVersion <> ?)
         OR EXISTS (SELECT 1 FROM trial LEFT JOIN result USING (trialKey)
           WHERE trial.runKey = run.runKey AND result.trialKey IS NULL))`,
    )
    .pluck()
    .all(methodVersion);
}
