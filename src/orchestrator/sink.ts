import type { RunState } from '../core/run.ts';
import type { RecordingPart } from '../storage/store.ts';

/** Where a run is recorded. Called between phases only, so it may write to disk. */
export interface RunSink {
  /** Takes the whole part or, when it throws, nothing of it. */
  append(part: RecordingPart): void;
  /** The last call. */
  finish(state: RunState): void;
}
