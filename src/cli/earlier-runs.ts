import type { RunDocument } from '../core/result.ts';
import type { RunStore } from '../storage/store.ts';

/** Of a configuration that is measured every day, more than a year. */
const MOST_RUNS = 400;

/** Ids of earlier runs of the same workload with a model in common, the newest first: where a history may be found. */
export function earlierRuns(store: RunStore, { environment, plan, run, trials }: RunDocument): string[] {
  const models = new Set([...plan.models, ...trials.map(({ model }) => model)]);
  return store
    .list({ workload: plan.workload.id })
    .filter((one) => one.startedAt < run.startedAt && one.models.some((model) => models.has(model)))
    .filter((one) => one.machine === environment.machine)
    .slice(0, MOST_RUNS)
    .map(({ id }) => id);
}
