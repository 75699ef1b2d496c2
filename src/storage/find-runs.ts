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
  /** Program that measured it, where that was not lmpower. */
  readonly imported: string | null;
  /** Those asked for; where none was named, those that answered. */
  readonly models: readonly string[];
  readonly workload: string;
  /** Trials recorded. */
  readonly trials: number;
  /** Where it was recorded; null: could not be read. */
  readonly machine: string | null;
  /** In alphabetical order. */
  readonly tags: readonly string[];
  /** Null: none. */
  readonly note: string | null;
}

/** Which runs are listed; all conditions given must hold. */
export interface RunFilter {
  /** Found in the key of at least one model. */
  readonly model?: RegExp;
  /** Id of the workload. */
  readonly workload?: string;
  readonly state?: RunState;
  readonly tag?: string;
  /** ISO 8601 UTC, or the beginning of one: started then or later. */
  readonly since?: string;
  /** So many of the newest that fit. */
  readonly limit?: number;
}

interface ListingRow {
  readonly id: string;
  readonly startedAt: string;
  readonly state: string;
  readonly simulated: 0 | 1;
  readonly imported: string | null;
  readonly models: string | null;
  readonly workload: string | null;
  readonly trials: number;
  readonly machine: string | null;
  readonly tags: string;
  readonly note: string | null;
}

const LISTING = `
SELECT id, startedAt, state, simulated,
  CASE json_array_length(plan, '$.models')
    WHEN 0 THEN (SELECT json_group_array(DISTINCT model) FROM trial WHERE trial.runKey = run.runKey)
    ELSE json_extract(plan, '$.models') END AS models,
  json_extract(plan, '$.workload.id') AS workload,
  (SELECT count(*) FROM trial WHERE trial.runKey = run.runKey) AS trials,
  json_extract(environment, '$.machine') AS machine,
  json_extract(environment, '$.imported.program') AS imported,
  (SELECT json_group_array(tag) FROM tag WHERE tag.runKey = run.runKey) AS tags,
  (SELECT text FROM note WHERE note.runKey = run.runKey) AS note
FROM run
WHERE (@state IS NULL OR state = @state)
  AND (@since IS NULL OR startedAt >= @since)
  AND (@tag IS NULL OR EXISTS (SELECT 1 FROM tag WHERE tag.runKey = run.runKey AND tag = @tag))
  AND (@workload IS NULL OR json_extract(plan, '$.workload.id') = @workload)
ORDER BY startedAt DESC, runKey DESC LIMIT @limit`;

/** SQLite's word for no limit. */
const NO_LIMIT = -1;

/** So many candidates are named when a prefix fits several runs. */
const NAMED = 5;

/** The newest run first. */
export function listRuns(db: StoreDatabase, filter: RunFilter = {}): RunListing[] {
  const { model, state = null, since = null, tag = null, workload = null, limit = NO_LIMIT } = filter;
  const rows = db
    .prepare<[object], ListingRow>(LISTING)
    .all({ state, since, tag, workload, limit: model === undefined ? limit : NO_LIMIT })
    .map(decodeListing);
  if (model === undefined) return rows;
  const fitting = rows.filter(({ models }) => models.some((key) => key.search(model) >= 0));
  return limit === NO_LIMIT ? fitting : fitting.slice(0, limit);
}

function decodeListing(row: ListingRow): RunListing {
  return {
    ...row,
    state: runState(row.state),
    simulated: row.simulated === 1,
    models: row.models === null ? [] : parsed<string[]>(row.models, `plan of run ${row.id}`),
    workload: row.workload ?? '',
    tags: parsed<string[]>(row.tags, `tags of run ${row.id}`),
  };
}

/** Id of the run that an id, a unique prefix or `latest` names. @throws {LmpowerError} RUN_NOT_FOUND, RUN_AMBIGUOUS */
export function resolveRun(db: StoreDatabase, ref: string): string {
  const ids = ref === 'latest' ? newest(db) : withPrefix(db, ref.toLowerCase());
  const [first, second] = ids;
  if (first === undefined) throw notFound(ref);
  if (second === undefined || first === ref.toLowerCase()) return first;
  const named = ids.slice(0, NAMED).join(', ') + (ids.length > NAMED ? ', …' : '');
  throw new LmpowerError('RUN_AMBIGUOUS', `'${ref}' fits several runs: ${named}`);
}

/** A list would be empty where there is no latest run. */
function notFound(ref: string): LmpowerError {
  return ref === 'latest'
    ? new LmpowerError('RUN_NOT_FOUND', 'no run is recorded yet', {
        remedy: 'lmpower demo, or: sudo lmpower run',
      })
    : new LmpowerError('RUN_NOT_FOUND', `no run '${ref}'`);
}

/** Of those that hold something: a run that failed without any phase but a load is listed, and no result. */
function newest(db: StoreDatabase): string[] {
  return db
    .prepare<[], string>(
      `SELECT id FROM run WHERE NOT (state = 'failed'
         AND NOT EXISTS (SELECT 1 FROM trial WHERE trial.runKey = run.runKey)
         AND NOT EXISTS (SELECT 1 FROM phase WHERE phase.runKey = run.runKey AND kind <> 'load'))
       ORDER BY startedAt DESC, runKey DESC LIMIT 1`,
    )
    .pluck()
    .all();
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
