import type { ClockMark } from '../core/run.ts';
import type { Domain, Observation, RecordedEvent, Sample, SampleSeries } from '../core/sample.ts';
import type { StoreDatabase } from './database.ts';
import { corrupt } from './failures.ts';
import { chunksOf, isWhole, type SampleChunk, SeriesBuilder, type SeriesExtent } from './sample-chunks.ts';
import { codeId, sampleKind } from './words.ts';

const DOMAIN_COLUMNS = `id, label, parent, scope, source, kind, rank, quantum_J, rails, minPower_W, maxPower_W,
  misalignment_s, averaging_s, systematicRatio`;

const UPSERT_DOMAIN = `
INSERT INTO domain (runKey, ${DOMAIN_COLUMNS})
VALUES (@runKey, @id, @label, @parent, @scope, @source, @kind, @rank, @quantum_J, @rails, @minPower_W, @maxPower_W,
  @misalignment_s, @averaging_s, @systematicRatio)
ON CONFLICT (runKey, id) DO UPDATE SET label = excluded.label, parent = excluded.parent, scope = excluded.scope,
  source = excluded.source, kind = excluded.kind, rank = excluded.rank, quantum_J = excluded.quantum_J,
  rails = excluded.rails, minPower_W = excluded.minPower_W, maxPower_W = excluded.maxPower_W,
  misalignment_s = excluded.misalignment_s, averaging_s = excluded.averaging_s,
  systematicRatio = excluded.systematicRatio`;

/** Adds domains; one announced again replaces the former, in its old place. */
export function writeDomains(db: StoreDatabase, runKey: number, domains: readonly Domain[]): void {
  const upsert = db.prepare(UPSERT_DOMAIN);
  for (const domain of domains) upsert.run({ runKey, ...domain });
}

export function readDomains(db: StoreDatabase, runKey: number): Domain[] {
  return db
    .prepare<[number], Omit<Domain, 'kind'> & { kind: string }>(
      `SELECT ${DOMAIN_COLUMNS} FROM domain WHERE runKey = ? ORDER BY domainKey`,
    )
    .all(runKey)
    .map((row) => ({ ...row, kind: sampleKind(row.kind) }));
}

export function writeSamples(db: StoreDatabase, runKey: number, samples: readonly Sample[]): void {
  const insert = db.prepare(
    `INSERT INTO chunk (runKey, domain, kind, count, hasPower, first_s, last_s, columns)
     VALUES (@runKey, @domain, @kind, @count, @hasPower, @first_s, @last_s, @columns)`,
  );
  for (const chunk of chunksOf(samples)) insert.run({ runKey, ...chunk });
}

/** One series per domain and kind, in order of first appearance, each sorted by `end_s`. */
export function readSeries(db: StoreDatabase, runKey: number): SampleSeries[] {
  const builders = new Map<string, SeriesBuilder>();
  const extents = db.prepare<[number], SeriesExtent>(
    `SELECT domain, kind, sum(count) AS count, max(hasPower) AS hasPower FROM chunk WHERE runKey = ?
     GROUP BY domain, kind ORDER BY min(chunkKey)`,
  );
  for (const extent of extents.all(runKey)) {
    sampleKind(extent.kind);
    builders.set(`${extent.kind}\0${extent.domain}`, new SeriesBuilder(extent));
  }
  for (const chunk of chunksOfRun(db, runKey)) {
    if (!isWhole(chunk)) throw corrupt(`samples of ${chunk.domain} are cut off`);
    builders.get(`${chunk.kind}\0${chunk.domain}`)?.add(chunk);
  }
  return [...builders.values()].map((builder) => builder.sorted());
}

/** One at a time, so that a day of samples is not in memory twice; not by an iterator, for the reason in kept-statements. */
function* chunksOfRun(db: StoreDatabase, runKey: number): Generator<SampleChunk> {
  const keys = db.prepare<[number], { chunkKey: number }>(
    'SELECT chunkKey FROM chunk WHERE runKey = ? ORDER BY chunkKey',
  );
  const byKey = db.prepare<[number], SampleChunk>('SELECT * FROM chunk WHERE chunkKey = ?');
  for (const { chunkKey } of keys.all(runKey)) {
    const chunk = byKey.get(chunkKey);
    if (chunk !== undefined) yield chunk;
  }
}

export function writeObservations(
  db: StoreDatabase,
  runKey: number,
  observations: readonly Observation[],
): void {
  const insert = db.prepare(
    'INSERT INTO observation (runKey, source, name, at_s, value) VALUES (@runKey, @source, @name, @at_s, @value)',
  );
  for (const observation of observations) insert.run({ runKey, ...observation });
}

export function readObservations(db: StoreDatabase, runKey: number): Observation[] {
  return db
    .prepare<[number], Observation>(
      'SELECT source, name, at_s, value FROM observation WHERE runKey = ? ORDER BY observationKey',
    )
    .all(runKey);
}

export function writeEvents(db: StoreDatabase, runKey: number, events: readonly RecordedEvent[]): void {
  const insert = db.prepare(
    'INSERT INTO event (runKey, code, source, at_s, domain, detail) VALUES (@runKey, @code, @source, @at_s, @domain, @detail)',
  );
  for (const event of events) insert.run({ runKey, ...event });
}

export function readEvents(db: StoreDatabase, runKey: number): RecordedEvent[] {
  return db
    .prepare<[number], Omit<RecordedEvent, 'code'> & { code: string }>(
      'SELECT code, source, at_s, domain, detail FROM event WHERE runKey = ? ORDER BY eventKey',
    )
    .all(runKey)
    .map((row) => ({ ...row, code: codeId(row.code) }));
}

export function writeMarks(db: StoreDatabase, runKey: number, marks: readonly ClockMark[]): void {
  const insert = db.prepare(
    'INSERT INTO mark (runKey, monotonic_s, wallAt) VALUES (@runKey, @monotonic_s, @wallAt)',
  );
  for (const mark of marks) insert.run({ runKey, ...mark });
}

export function readMarks(db: StoreDatabase, runKey: number): ClockMark[] {
  return db
    .prepare<[number], ClockMark>('SELECT monotonic_s, wallAt FROM mark WHERE runKey = ? ORDER BY markKey')
    .all(runKey);
}
