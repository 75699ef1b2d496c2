import type { Plan, Recording, Trial } from '../core/run.ts';
import { labelOf, sidesOf } from './arms.ts';
import { trialGroups } from './order.ts';

/** What an interrupted run has and lacks. */
export interface Remaining {
  /** Trials that need not be run (again); for workload `idle` places of models. */
  readonly done: ReadonlySet<number>;
  /** Trials that are there but were cut short or not answered. */
  readonly again: readonly number[];
  /** Trials (for workload `idle` models) that are still to be run. */
  readonly left: number;
}

/** What of a recording's plan is still to be measured. A run that ended by itself lacks only what failed. */
export function remainingOf({ failures = [], phases, run, trials }: Recording): Remaining {
  const { plan } = run;
  if (plan.workload.kind === 'idle') return remainingModels(plan, phases);
  const failed = new Set(failures.map(({ model }) => model));
  const sound = trials.filter(isSound).map(({ index }) => index);
  const again = trials.filter((trial) => !isSound(trial)).map(({ index }) => index);
  const done = new Set([...sound, ...(plan.known ?? []).map(({ index }) => index)]);
  const specs = trialGroups(plan).flatMap((group) => group.trials);
  // A run with a stop rule that came to its end needed no more repetitions than it has.
  const isEnough = plan.until !== undefined && run.state === 'finished';
  const left = specs.filter(
    ({ index, model }) =>
      !done.has(index) && (!isEnough || again.includes(index) || failed.has(labelOf(plan, model))),
  );
  const isLeft = new Set(left.map(({ index }) => index));
  return {
    done: new Set(specs.map(({ index }) => index).filter((index) => !isLeft.has(index))),
    again,
    left: left.length,
  };
}

/** Answered, and its phases came to their end. */
function isSound({ completions, phases }: Trial): boolean {
  const answer = completions.at(-1);
  const isAnswered = answer !== undefined && answer.error === null && answer.stopReason !== 'cancelled';
  return isAnswered && phases.some(({ kind }) => kind === 'cooldown');
}

/** A model whose loads are not all there is measured anew. */
function remainingModels(plan: Plan, phases: Recording['phases']): Remaining {
  const places = sidesOf(plan).map((_, place) => place);
  const done = places.filter((place) => {
    const label = labelOf(plan, place);
    return phases.filter(({ kind, model }) => kind === 'unload' && model === label).length >= plan.trials;
  });
  return { done: new Set(done), again: [], left: places.length - done.length };
}
