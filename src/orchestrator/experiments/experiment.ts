import type { PlanArm } from '../../core/arms.ts';
import type { InferenceSettings, LoadSettings, Model, TrialOrder, Workload } from '../../core/run.ts';

/** What an experiment is made from. */
export interface ExperimentFacts {
  /** Language models of the server that run on this machine. */
  readonly models: readonly Model[];
  /** Keys that were named, in their order. */
  readonly asked: readonly string[];
  readonly workload: Workload;
  readonly load: LoadSettings;
  readonly inference: InferenceSettings;
  /** Whether the server can apply these beside what is asked for already. */
  applies(change: Partial<InferenceSettings>): boolean;
}

/** A question that is answered by comparing: one object in one file, one line in `index.ts`. */
export interface Experiment {
  readonly id: string;
  /** One line for people. */
  readonly question: string;
  /** Where `--workload`, `--order` and `--trials` say nothing. */
  readonly workload: string;
  readonly order: TrialOrder;
  readonly trials: number;
  /** What is compared; the first is what the others are compared with. @throws {LmpowerError} USAGE, MODEL_NOT_FOUND */
  arms(facts: ExperimentFacts): readonly PlanArm[];
}
