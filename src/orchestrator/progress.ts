import type { PhaseKind, Trial } from '../core/run.ts';
import type { Seconds } from '../core/units.ts';

/** Which of the run's trials a phase belongs to. */
export interface TrialPlace {
  /** From 0; `of` is the number of trials of the whole run. */
  readonly index: number;
  readonly of: number;
  readonly promptId: string;
  readonly category: string;
  readonly repetition: number;
}

/** What a run tells while it goes on. Null: belongs to no trial, or its length is not known beforehand. */
export type ProgressEvent =
  | {
      readonly kind: 'phase';
      readonly phase: PhaseKind;
      readonly model: string | null;
      readonly trial: TrialPlace | null;
      readonly planned_s: Seconds | null;
      /** Expected time to the end of the run, this phase included. */
      readonly remaining_s: Seconds;
    }
  /** The phase under way goes on: it is now to last `planned_s` in all. */
  | { readonly kind: 'extended'; readonly phase: PhaseKind; readonly planned_s: Seconds }
  /** `count`: tokens of this answer so far, or deltas where the backend does not say how many they carry. */
  | { readonly kind: 'token'; readonly count: number }
  | { readonly kind: 'trial-done'; readonly trial: Trial; readonly of: number; readonly remaining_s: Seconds }
  /** Something to know that does not end the run. */
  | { readonly kind: 'note'; readonly text: string };

/** Called synchronously, also while the model works: must be cheap, must not throw. */
export type ProgressListener = (event: ProgressEvent) => void;
