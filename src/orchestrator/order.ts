import type { Plan, Prompt } from '../core/run.ts';

/** One trial to come: which prompt, for the how-manieth time. Both count from 0. */
export interface TrialSpec {
  readonly index: number;
  readonly repetition: number;
  readonly prompt: Prompt;
}

/**
 * All prompts of the workload in file order, then all of them again: two trials of one prompt lie as far apart as
 * they can, so that slow drift does not fall on one prompt alone. `first` is the index of the first trial.
 */
export function trialOrder({ trials, workload }: Plan, first = 0): TrialSpec[] {
  return Array.from({ length: trials }, (_, repetition) =>
    workload.prompts.map((prompt, place) => ({
      index: first + repetition * workload.prompts.length + place,
      repetition,
      prompt,
    })),
  ).flat();
}
