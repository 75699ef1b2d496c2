import type { Backend } from '../backends/backend.ts';
import type { Model, Workload } from '../core/run.ts';
import { type ExperimentFacts, experimentOf } from '../orchestrator/experiments/index.ts';
import type { PlannedExperiment } from '../orchestrator/plan.ts';

export interface ExperimentOrder {
  readonly backend: Pick<Backend, 'unsupported'>;
  readonly named: readonly string[];
  /** Language models of the server that run on this machine. */
  readonly models: readonly Model[];
  readonly workload: Workload;
}

/** An experiment on what the server has and can apply, for the planner. @throws {LmpowerError} USAGE for an unknown id */
export function plannedExperiment(id: string, order: ExperimentOrder): PlannedExperiment {
  const { backend, models, named, workload } = order;
  const experiment = experimentOf(id);
  return {
    id,
    arms: ({ inference, load }) => {
      const cannot = backend.unsupported(inference, load).length;
      const applies: ExperimentFacts['applies'] = (change) =>
        backend.unsupported({ ...inference, ...change }, load).length <= cannot;
      return experiment.arms({ models, asked: named, workload, inference, load, applies });
    },
  };
}
