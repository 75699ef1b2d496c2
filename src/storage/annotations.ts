import type { StoreDatabase } from './database.ts';

/** Adds tags to a run; one that it bears already stays as it is. */
export function addTags(db: StoreDatabase, runKey: number, tags: readonly string[]): void {
  const insert = db.prepare('INSERT OR IGNORE INTO tag (runKey, tag) VALUES (?, ?)');
  for (const tag of tags) insert.run(runKey, tag);
}

/** Takes tags off a run; one that it does not bear is no error. */
export function removeTags(db: StoreDatabase, runKey: number, tags: readonly string[]): void {
  const remove = db.prepare('DELETE FROM tag WHERE runKey = ? AND tag = ?');
  for (const tag of tags) remove.run(runKey, tag);
}

/** Replaces the note of a run; null takes it away. */
export function setNote(db: StoreDatabase, runKey: number, text: string | null): void {
  if (text === null) db.prepare('DELETE FROM note WHERE runKey = ?').run(runKey);
  else db.prepare('INSERT OR REPLACE INTO note (runKey, text) VALUES (?, ?)').run(runKey, text);
}

/** Deletes a run with all that was recorded of it. */
export function deleteRun(db: StoreDatabase, runKey: number): void {
  db.prepare('DELETE FROM run WHERE runKey = ?').run(runKey);
}
