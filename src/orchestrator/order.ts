import type { Plan, Prompt } from '../core/run.ts';

/** One trial to come: which model (its place in the plan), which prompt, for the how-manieth time. All count from 0. */
export interface TrialSpec {
  readonly index: number;
  readonly model: number;
  readonly repetition: number;
  readonly prompt: Prompt;
}

/** Models that are in memory together, and the trials asked of them, in order. */
export interface TrialGroup {
  readonly models: readonly number[];
  readonly trials: readonly TrialSpec[];
}

/**
 * Grouped: one model after the other. Interleaved: all at once, and for each prompt in turn A B, then B A, so that drift
 * falls on all alike. Either way all prompts of the workload in file order, then all of them again: two trials of one
 * prompt lie as far apart as they can, so that slow drift does not fall on one prompt alone. Source: METHOD §6.
 */
export function trialGroups(plan: Plan): TrialGroup[] {
  const models = Array.from({ length: Math.max(1, plan.models.length) }, (_, model) => model);
  const together = plan.order === 'interleaved' ? [models] : models.map((model) => [model]);
  const asked = together.flatMap((group) => askedOf(plan, group));
  const trials = asked.map((spec, index) => ({ index, ...spec }));
  return together.map((group) => ({
    models: group,
    trials: trials.filter(({ model }) => group.includes(model)),
  }));
}

function askedOf(plan: Plan, models: readonly number[]): Omit<TrialSpec, 'index'>[] {
  const { trials, until, workload } = plan;
  return Array.from({ length: until?.mostTrials ?? trials }, (_, repetition) =>
    workload.prompts.flatMap((prompt, place) =>
      turnOf(models, place + repetition).map((model) => ({ model, repetition, prompt })),
    ),
  ).flat();
}

/** A B and B A by turns; over the repetitions of one prompt too, whether the number of prompts is even or odd. */
function turnOf(models: readonly number[], turn: number): readonly number[] {
  return turn % 2 === 0 ? models : models.toReversed();
}
