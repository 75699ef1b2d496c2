import { LmpowerError } from '../core/errors.ts';
import type { RunState } from '../core/run.ts';
import type { StoreDatabase } from './database.ts';
import { parsed } from './run-rows.ts';
import { runState } from './words.ts';

/** One line of `lmpower runs`. */
export interface RunListing {
  readonly id: string;
  readonly startedAt: string;
  readonly state: RunState;
  readonly simulated: boolean;
  /** Those asked for; where none was named, those that answered. */
  readonly models: readonly string[];
  readonly workload: string;
  /** Trials recorded. */
  readonly trials: number;
}

interface ListingRow {
  readonly id: string;
  readonly startedAt: string;
  readonly state: string;
  readonly simulated: 0 | 1;
  readonly models: string | null;
  readonly workload: string | null;
  readonly trials: number;
}

const LISTING = `
SELECT id, startedAt, state, simulated,
  CASE json_array_length(plan, '$.models')
    WHEN 0 THEN (SELECT json_group_array(DISTINCT model) FROM trial WHERE trial.runKey = run.runKey)
    ELSE json_extract(plan, '$.models') END AS models,
  json_extract(plan, '$.workload.id') AS workload,
  (SELECT count(*) FROM trial WHERE trial.runKey = run.runKey) AS trials
FROM run ORDER BY runKey DESC`;

/** So many candidates are named when a prefix fits several runs. */
const NAMED = 5;

/** The newest run first. */
export function listRuns(db: StoreDatabase): RunListing[] {
  return db
    .prepare<[], ListingRow>(LISTING)
    .all()
    .map((row) => ({
      ...row,
      state: runState(row.state),
      simulated: row.simulated === 1,
      models: row.models === null ? [] : parsed<string[]>(row.models, `plan of run ${row.id}`),
      workload: row.workload ?? '',
    }));
}

/** Id of the run that an id, a unique prefix or `latest` names. @throws {LmpowerError} RUN_NOT_FOUND, RUN_AMBIGUOUS */
export function resolveRun(db: StoreDatabase, ref: string): string {
  const ids = ref === 'latest' ? newest(db) : withPrefix(db, ref.toLowerCase());
  const [first, second] = ids;
  if (first === undefined) {
    throw new LmpowerError('RUN_NOT_FOUND', ref === 'latest' ? 'no run is recorded yet' : `no run '${ref}'`);
  }
  if (second === undefined || first === ref.toLowerCase()) return first;
  const named = ids.slice(0, NAMED).join(', ') + (ids.length > NAMED ? ', …' : '');
  throw new LmpowerError('RUN_AMBIGUOUS', `'${ref}' fits several runs: ${named}`);
}

function newest(db: StoreDatabase): string[] {
  return db.prepare<[], string>('SELECT id FROM run ORDER BY runKey DESC LIMIT 1').pluck().all();
}

function withPrefix(db: StoreDatabase, prefix: string): string[] {
  if (prefix === '') return [];
  return db
    .prepare<[string, string, number], string>(
      'SELECT id FROM run WHERE substr(id, 1, length(?)) = ? ORDER BY id LIMIT ?',
    )
    .pluck()
    .all(prefix, prefix, NAMED + 1);
}
