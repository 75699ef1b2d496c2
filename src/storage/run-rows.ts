import type { BaselineState, RunRecord, Setting } from '../core/run.ts';
import type { StoreDatabase } from './database.ts';
import { corrupt } from './failures.ts';
import { runState } from './words.ts';

export interface RunRow {
  readonly runKey: number;
  readonly id: string;
  readonly startedAt: string;
  readonly origin_s: number;
  readonly state: string;
  readonly toolVersion: string;
  readonly methodVersion: number;
  readonly baselineState: BaselineState;
  readonly simulated: 0 | 1;
  readonly plan: string;
  readonly environment: string;
}

export function insertRun(db: StoreDatabase, run: RunRecord): void {
  db.prepare(
    `INSERT INTO run (id, startedAt, origin_s, state, toolVersion, methodVersion, baselineState, simulated, plan, environment)
     VALUES (@id, @startedAt, @origin_s, @state, @toolVersion, @methodVersion, @baselineState, @simulated, @plan, @environment)`,
  ).run(encodeRun(run));
}

/** Number of rows changed: 0 where the run is not there. */
export function replaceRun(db: StoreDatabase, run: RunRecord): number {
  return db
    .prepare(
      `UPDATE run SET startedAt = @startedAt, origin_s = @origin_s, state = @state, toolVersion = @toolVersion,
       methodVersion = @methodVersion, baselineState = @baselineState, simulated = @simulated, plan = @plan,
       environment = @environment WHERE id = @id`,
    )
    .run(encodeRun(run)).changes;
}

export function addSettings(db: StoreDatabase, row: RunRow, settings: readonly Setting[]): void {
  const { environment } = decodeRun(row);
  const grown = { ...environment, settings: [...environment.settings, ...settings] };
  db.prepare('UPDATE run SET environment = ? WHERE runKey = ?').run(JSON.stringify(grown), row.runKey);
}

export function findRun(db: StoreDatabase, id: string): RunRow | undefined {
  return db.prepare<[string], RunRow>('SELECT * FROM run WHERE id = ?').get(id);
}

export function decodeRun({ runKey: _, ...row }: RunRow): RunRecord {
  return {
    ...row,
    state: runState(row.state),
    simulated: row.simulated === 1,
    plan: parsed(row.plan, `plan of run ${row.id}`),
    environment: parsed(row.environment, `environment of run ${row.id}`),
  };
}

/** JSON that this program wrote. @throws {LmpowerError} STORE_CORRUPT */
export function parsed<T>(text: string, what: string): T {
  try {
    const value: T = JSON.parse(text);
    return value;
  } catch (cause) {
    throw corrupt(`the ${what} is not JSON`, cause);
  }
}

function encodeRun(run: RunRecord): Omit<RunRow, 'runKey'> {
  return {
    ...run,
    simulated: run.simulated ? 1 : 0,
    plan: JSON.stringify(run.plan),
    environment: JSON.stringify(run.environment),
  };
}
