import type { Recording } from '../core/run.ts';
import type { ModelFailure, Session } from '../core/sessions.ts';
import type { StoreDatabase } from './database.ts';

/** A run that is taken up again: what is known of the sitting, and the trials that will be measured anew. */
export interface NewSession {
  readonly session: Session;
  /** Indexes of trials that were cut short or failed. */
  readonly again: readonly number[];
}

export function writeFailures(db: StoreDatabase, runKey: number, failures: readonly ModelFailure[]): void {
  const insert = db.prepare(
    'INSERT INTO failure (runKey, model, code, message, at_s) VALUES (@runKey, @model, @code, @message, @at_s)',
  );
  for (const failure of failures) insert.run({ runKey, ...failure });
}

/** Neither where there are none. */
export function readSittings(db: StoreDatabase, runKey: number): Pick<Recording, 'failures' | 'sessions'> {
  const failures = db
    .prepare<[number], ModelFailure>(
      'SELECT model, code, message, at_s FROM failure WHERE runKey = ? ORDER BY failureKey',
    )
    .all(runKey);
  const sessions = db
    .prepare<[number], Session>(
      'SELECT startedAt, origin_s, start_s, toolVersion FROM session WHERE runKey = ? ORDER BY sessionKey',
    )
    .all(runKey);
  return {
    ...(failures.length === 0 ? {} : { failures }),
    ...(sessions.length === 0 ? {} : { sessions }),
  };
}

/**
 * The run goes on. Baselines of trials that come again stay with the run, where they serve as what came after the trials
 * before; models that could not be had may be had now.
 */
export function beginSession(db: StoreDatabase, runKey: number, { again, session }: NewSession): void {
  db.prepare(
    `INSERT INTO session (runKey, startedAt, origin_s, start_s, toolVersion)
     VALUES (@runKey, @startedAt, @origin_s, @start_s, @toolVersion)`,
  ).run({ runKey, ...session });
  const keep = db.prepare(
    `UPDATE phase SET trialKey = NULL WHERE kind = 'baseline'
     AND trialKey = (SELECT trialKey FROM trial WHERE runKey = ? AND "index" = ?)`,
  );
  for (const index of again) keep.run(runKey, index);
  db.prepare('DELETE FROM failure WHERE runKey = ?').run(runKey);
  db.prepare("UPDATE run SET state = 'running' WHERE runKey = ?").run(runKey);
}
