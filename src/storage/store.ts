import { LmpowerError } from '../core/errors.ts';
import type { Recording, RunRecord, RunState, Truth } from '../core/run.ts';
import { addTags, deleteRun, removeTags, setNote } from './annotations.ts';
import type { CopiedRuns } from './copy-runs.ts';
import { openDatabase, type StoreDatabase } from './database.ts';
import { guarded } from './failures.ts';
import { listRuns, type RunFilter, type RunListing, resolveRun } from './find-runs.ts';
import { type StoreFault, storeFaults } from './integrity.ts';
import { readDomains, readEvents, readMarks, readObservations, readSeries } from './meter-rows.ts';
import { backUp, exportRuns, type FileSize, importRuns, vacuum } from './other-file.ts';
import { addRuns, type RecordingPart, type WholeRun, writePart } from './recording-part.ts';
import {
  findResults,
  type NewResult,
  resultsOfRun,
  runsToJudge,
  type StoredResult,
  writeResults,
} from './result-rows.ts';
import { decodeRun, findRun, insertRun, type RunRow, replaceRun } from './run-rows.ts';
import { beginSession, type NewSession, readSittings } from './session-rows.ts';
import { readTrials } from './trial-rows.ts';

export type { CopiedRuns } from './copy-runs.ts';
export type { RunFilter, RunListing } from './find-runs.ts';
export type { StoreFault } from './integrity.ts';
export type { FileSize } from './other-file.ts';
export type { RecordingPart, WholeRun } from './recording-part.ts';
export type { NewResult, StoredResult } from './result-rows.ts';
export type { NewSession } from './session-rows.ts';

/**
 * Recorded runs. Every method throws STORE_LOCKED, STORE_CORRUPT or STORE_UNWRITABLE when the file does not play
 * along, and RUN_NOT_FOUND for an id that it does not hold. Each write is one transaction, on the disk when it returns.
 */
export interface RunStore {
  createRun(run: RunRecord): void;
  /** Replaces what is known of a run beside its recording: environment, plan, state. */
  updateRun(run: RunRecord): void;
  /** Called between phases only. */
  append(runId: string, part: RecordingPart): void;
  finishRun(runId: string, state: RunState): void;
  /** Takes up a run that was interrupted: its state is `running` again. */
  beginSession(runId: string, session: NewSession): void;
  /** The lab's truth, by trial index. */
  setTruth(runId: string, truths: ReadonlyMap<number, Truth>): void;
  setSimulated(runId: string): void;
  /** All that was appended, in order; series by first appearance, each sorted by `end_s`. */
  load(runId: string): Recording;
  /** Id of the run that an id, a unique prefix or `latest` names. @throws {LmpowerError} RUN_NOT_FOUND, RUN_AMBIGUOUS */
  resolve(ref: string): string;
  /** The newest first. */
  list(filter?: RunFilter): RunListing[];
  addTags(runId: string, tags: readonly string[]): void;
  removeTags(runId: string, tags: readonly string[]): void;
  /** Null takes the note away. */
  setNote(runId: string, text: string | null): void;
  /** With all that was recorded of it. */
  deleteRun(runId: string): void;
  /** The whole database into a new file. @throws {LmpowerError} OUTPUT_UNWRITABLE where it is there already */
  backUp(path: string): void;
  /** Some runs into a new database. @throws {LmpowerError} OUTPUT_UNWRITABLE, RUN_NOT_FOUND */
  exportRuns(path: string, runIds: readonly string[]): CopiedRuns;
  /** Whole runs at once, all or none; those whose id is here already stay as they are. */
  addRuns(runs: readonly WholeRun[]): CopiedRuns;
  /** Runs of another database that this one lacks, as they are there. @throws {LmpowerError} USAGE */
  importRuns(path: string): CopiedRuns;
  /** Gives unused room back to the disk. */
  vacuum(): FileSize;
  /** Keeps the run document as printed, so that a later analysis can be compared byte by byte. */
  saveDocument(runId: string, text: string): void;
  /** Null where none was saved. */
  loadDocument(runId: string): string | null;
  /** Keeps what came out of trials, under the configuration that was measured. */
  saveResults(runId: string, results: readonly NewResult[]): void;
  /** All results of a configuration, the newest first. */
  results(configuration: string): StoredResult[];
  /** All results of a run, by its trials. */
  resultsOfRun(runId: string): StoredResult[];
  /** Ids of runs whose trials have no results, or results of another method. */
  runsToJudge(methodVersion: number): string[];
  /** What is wrong with the file, over all its runs; empty: sound. */
  faults(): StoreFault[];
  close(): void;
}

export interface StoreOptions {
  /** How long a write waits for another program's; 5,000 unless given. */
  readonly busyTimeout_ms?: number;
}

const BUSY_TIMEOUT_MS = 5000;

/** @throws {LmpowerError} STORE_TOO_NEW, STORE_LOCKED, STORE_CORRUPT, STORE_UNWRITABLE */
export function openStore(path: string, options: StoreOptions = {}): RunStore {
  return new SqliteStore(path, openDatabase(path, options.busyTimeout_ms ?? BUSY_TIMEOUT_MS));
}

class SqliteStore implements RunStore {
  private readonly path: string;
  private readonly db: StoreDatabase;

  constructor(path: string, db: StoreDatabase) {
    this.path = path;
    this.db = db;
  }

  createRun(run: RunRecord): void {
    guarded(this.path, () => insertRun(this.db, run));
  }

  updateRun(run: RunRecord): void {
    this.write(run.id, () => replaceRun(this.db, run));
  }

  append(runId: string, part: RecordingPart): void {
    this.write(runId, (row) => writePart(this.db, row, part));
  }

  finishRun(runId: string, state: RunState): void {
    this.write(runId, ({ runKey }) =>
      this.db.prepare('UPDATE run SET state = ? WHERE runKey = ?').run(state, runKey),
    );
  }

  beginSession(runId: string, session: NewSession): void {
    this.write(runId, ({ runKey }) => beginSession(this.db, runKey, session));
  }

  setTruth(runId: string, truths: ReadonlyMap<number, Truth>): void {
    this.write(runId, ({ runKey }) => {
      const update = this.db.prepare('UPDATE trial SET truth = ? WHERE runKey = ? AND "index" = ?');
      for (const [index, truth] of truths) update.run(JSON.stringify(truth), runKey, index);
    });
  }

  setSimulated(runId: string): void {
    this.write(runId, ({ runKey }) =>
      this.db.prepare('UPDATE run SET simulated = 1 WHERE runKey = ?').run(runKey),
    );
  }

  load(runId: string): Recording {
    return this.read(runId, (row) => ({
      run: decodeRun(row),
      domains: readDomains(this.db, row.runKey),
      series: readSeries(this.db, row.runKey),
      ...readTrials(this.db, row.runKey),
      observations: readObservations(this.db, row.runKey),
      events: readEvents(this.db, row.runKey),
      marks: readMarks(this.db, row.runKey),
      ...readSittings(this.db, row.runKey),
    }));
  }

  resolve(ref: string): string {
    return guarded(this.path, () => resolveRun(this.db, ref));
  }

  list(filter?: RunFilter): RunListing[] {
    return guarded(this.path, () => listRuns(this.db, filter));
  }

  addTags(runId: string, tags: readonly string[]): void {
    this.write(runId, ({ runKey }) => addTags(this.db, runKey, tags));
  }

  removeTags(runId: string, tags: readonly string[]): void {
    this.write(runId, ({ runKey }) => removeTags(this.db, runKey, tags));
  }

  setNote(runId: string, text: string | null): void {
    this.write(runId, ({ runKey }) => setNote(this.db, runKey, text));
  }

  deleteRun(runId: string): void {
    this.write(runId, ({ runKey }) => deleteRun(this.db, runKey));
  }

  backUp(path: string): void {
    guarded(this.path, () => backUp(this.db, path));
  }

  exportRuns(path: string, runIds: readonly string[]): CopiedRuns {
    for (const id of runIds) guarded(this.path, () => this.rowOf(id));
    return exportRuns(this.path, path, runIds);
  }

  addRuns(runs: readonly WholeRun[]): CopiedRuns {
    return guarded(this.path, () => this.db.transaction(() => addRuns(this.db, runs)).immediate());
  }

  importRuns(path: string): CopiedRuns {
    return guarded(this.path, () => importRuns(this.db, this.path, path));
  }

  vacuum(): FileSize {
    return guarded(this.path, () => vacuum(this.db));
  }

  saveDocument(runId: string, text: string): void {
    this.write(runId, ({ runKey }) =>
      this.db.prepare('INSERT OR REPLACE INTO document (runKey, text) VALUES (?, ?)').run(runKey, text),
    );
  }

  loadDocument(runId: string): string | null {
    return this.read(runId, ({ runKey }) => {
      const select = this.db.prepare<[number], string>('SELECT text FROM document WHERE runKey = ?');
      return select.pluck().get(runKey) ?? null;
    });
  }

  saveResults(runId: string, results: readonly NewResult[]): void {
    this.write(runId, ({ runKey }) => writeResults(this.db, runKey, results));
  }

  results(configuration: string): StoredResult[] {
    return guarded(this.path, () => findResults(this.db, configuration));
  }

  resultsOfRun(runId: string): StoredResult[] {
    return this.read(runId, ({ runKey }) => resultsOfRun(this.db, runKey));
  }

  runsToJudge(methodVersion: number): string[] {
    return guarded(this.path, () => runsToJudge(this.db, methodVersion));
  }

  faults(): StoreFault[] {
    return guarded(this.path, () => this.db.transaction(() => storeFaults(this.db)).deferred());
  }

  close(): void {
    guarded(this.path, () => this.db.close());
  }

  /** All or nothing, and nobody else writes meanwhile. */
  private write(runId: string, work: (row: RunRow) => unknown): void {
    guarded(this.path, () => this.db.transaction(() => work(this.rowOf(runId))).immediate());
  }

  /** One state of the file, even while another process writes. */
  private read<T>(runId: string, work: (row: RunRow) => T): T {
    return guarded(this.path, () => this.db.transaction(() => work(this.rowOf(runId))).deferred());
  }

  private rowOf(runId: string): RunRow {
    const row = findRun(this.db, runId);
    if (row === undefined) throw new LmpowerError('RUN_NOT_FOUND', `no run '${runId}' in ${this.path}`);
    return row;
  }
}
