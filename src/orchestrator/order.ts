import type { Plan, Prompt } from '../core/run.ts';
import { sidesOf } from './arms.ts';
import { shuffled } from './shuffled.ts';

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
 * prompt lie as far apart as they can, so that slow drift does not fall on one prompt alone. Shuffled: as grouped, with
 * models, and prompts within each repetition, in an order that the seed draws. Source: METHOD §6.
 */
export function trialGroups(plan: Plan): TrialGroup[] {
  const models = drawn(
    plan,
    sidesOf(plan).map((_, place) => place),
    'models',
  );
  const together = plan.order === 'interleaved' ? [models] : models.map((model) => [model]);
  let index = 0;
  return together.map((group) => ({
    models: group,
    trials: askedOf(plan, group).map((spec) => ({ index: index++, ...spec })),
  }));
}

function askedOf(plan: Plan, models: readonly number[]): Omit<TrialSpec, 'index'>[] {
  const { trials, until, workload } = plan;
  return Array.from({ length: until?.mostTrials ?? trials }, (_, repetition) =>
    drawn(plan, workload.prompts, `prompts ${models.join()} ${repetition}`).flatMap((prompt, place) =>
      turnOf(models, place + repetition).map((model) => ({ model, repetition, prompt })),
    ),
  ).flat();
}

/** `what` tells apart the draws of one seed. */
function drawn<T>({ order, orderSeed = 0 }: Plan, items: readonly T[], what: string): readonly T[] {
  return order === 'shuffled' ? shuffled(items, `${orderSeed} ${what}`) : items;
}

/** A B and B A by turns; over the repetitions of one prompt too, whether the number of prompts is even or odd. */
function turnOf(models: readonly number[], turn: number): readonly number[] {
  return turn % 2 === 0 ? models : models.toReversed();
}
