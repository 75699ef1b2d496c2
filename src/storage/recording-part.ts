import { LmpowerError } from '../core/errors.ts';
import type { ClockMark, Phase, RunRecord, Setting, Trial } from '../core/run.ts';
import type { Domain, Observation, RecordedEvent, Sample } from '../core/sample.ts';
import type { ModelFailure } from '../core/sessions.ts';
import { addTags } from './annotations.ts';
import type { CopiedRuns } from './copy-runs.ts';
import type { StoreDatabase } from './database.ts';
import { writeDomains, writeEvents, writeMarks, writeObservations, writeSamples } from './meter-rows.ts';
import { addSettings, findRun, insertRun, type RunRow } from './run-rows.ts';
import { writeFailures } from './session-rows.ts';
import { writePhases, writeTrials } from './trial-rows.ts';

/** What one append adds to a run. */
export interface RecordingPart {
  readonly samples?: readonly Sample[];
  /** A domain of an id that is there already replaces it. */
  readonly domains?: readonly Domain[];
  readonly observations?: readonly Observation[];
  readonly events?: readonly RecordedEvent[];
  readonly marks?: readonly ClockMark[];
  /** Phases of the run itself. */
  readonly phases?: readonly Phase[];
  /** A trial of an index that is there already replaces it. */
  readonly trials?: readonly Trial[];
  /** Added to the settings of the run's environment. */
  readonly settings?: readonly Setting[];
  readonly failures?: readonly ModelFailure[];
}

/** A run with all that was recorded of it, from elsewhere. */
export interface WholeRun {
  readonly run: RunRecord;
  readonly part: RecordingPart;
  readonly tags: readonly string[];
}

/** Adds to a run what was recorded since. */
export function writePart(db: StoreDatabase, row: RunRow, part: RecordingPart): void {
  const { runKey } = row;
  writeDomains(db, runKey, part.domains ?? []);
  writeSamples(db, runKey, part.samples ?? []);
  writeObservations(db, runKey, part.observations ?? []);
  writeEvents(db, runKey, part.events ?? []);
  writeMarks(db, runKey, part.marks ?? []);
  writePhases(db, { runKey, trialKey: null }, part.phases ?? []);
  writeTrials(db, runKey, part.trials ?? []);
  writeFailures(db, runKey, part.failures ?? []);
  if (part.settings?.length) addSettings(db, row, part.settings);
}

/** Whole runs; one whose id is there already stays as it is. */
export function addRuns(db: StoreDatabase, runs: readonly WholeRun[]): CopiedRuns {
  const copied: string[] = [];
  const present: string[] = [];
  for (const { part, run, tags } of runs) {
    if (findRun(db, run.id) !== undefined) {
      present.push(run.id);
      continue;
    }
    insertRun(db, run);
    const row = findRun(db, run.id);
    if (row === undefined) throw new LmpowerError('BUG', `run ${run.id} is gone`);
    writePart(db, row, part);
    addTags(db, row.runKey, tags);
    copied.push(run.id);
  }
  return { copied, present };
}
