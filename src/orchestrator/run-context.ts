import type { Backend } from '../backends/backend.ts';
import type { Clock } from '../core/clock.ts';
import type { Plan } from '../core/run.ts';
import type { Recorder } from '../recording/recorder.ts';
import type { Agenda } from './agenda.ts';
import type { Baselines } from './baselines.ts';
import type { Ledger } from './ledger.ts';
import type { ProgressListener } from './progress.ts';
import type { Surroundings } from './surroundings.ts';

/** What of the recorder a run uses. */
export type RunRecorder = Pick<Recorder, 'start' | 'domains' | 'drain' | 'meanPower_W' | 'latest' | 'stop'>;

/** What every step of a run needs. */
export interface RunContext {
  readonly plan: Plan;
  readonly backend: Backend;
  readonly recorder: RunRecorder;
  /** The run's clock: 0 is its origin. */
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly progress: ProgressListener;
  readonly ledger: Ledger;
  readonly agenda: Agenda;
  readonly baselines: Baselines;
  readonly surroundings?: Surroundings;
  readonly lexicon: readonly string[];
  /** Id of the run, and of its sitting: nonces never repeat between them. */
  readonly salt: string;
}
