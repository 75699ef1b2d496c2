import type { ClockMark, Phase, RunState, Setting, Trial } from '../core/run.ts';
import type { Domain, Observation, RecordedEvent, Sample } from '../core/sample.ts';

/** What one flush hands over; a list that is left out is empty. */
export interface RunPart {
  readonly samples?: readonly Sample[];
  readonly domains?: readonly Domain[];
  readonly observations?: readonly Observation[];
  readonly events?: readonly RecordedEvent[];
  readonly marks?: readonly ClockMark[];
  /** Phases of the run itself, outside any trial. */
  readonly phases?: readonly Phase[];
  readonly trials?: readonly Trial[];
  /** Settings of the model in use, to be added to those of the environment. */
  readonly settings?: readonly Setting[];
}

/** Where a run is recorded. Called between phases only, so it may write to disk. */
export interface RunSink {
  /** Takes the whole part or, when it throws, nothing of it. */
  append(part: RunPart): void;
  /** The last call. */
  finish(state: RunState): void;
}
