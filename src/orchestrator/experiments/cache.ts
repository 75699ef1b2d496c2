import { LmpowerError } from '../../core/errors.ts';
import type { Workload } from '../../core/run.ts';
import type { Experiment, ExperimentFacts } from './experiment.ts';
import { onlyModel } from './families.ts';

/** One model asked what its prompt cache cannot hold, and what it was told a moment before. */
export const cache: Experiment = {
  id: 'cache',
  question: 'what does a prompt cost that the server has seen already?',
  workload: 'cache-v1',
  order: 'interleaved',
  trials: 3,
  arms: (facts) => {
    refuseFixed(facts.workload);
    const { key } = onlyModel(facts, 'cache');
    const { inference, load } = facts;
    return [
      { name: `${key} cold`, model: key, load, inference: { ...inference, ...reuse(facts, false) } },
      {
        name: `${key} warm`,
        model: key,
        load,
        inference: { ...inference, ...reuse(facts, true) },
        warmCache: true,
      },
    ];
  },
};

/** Where the server has no such switch, words that differ keep it cold and the same words make it warm. */
function reuse({ applies }: ExperimentFacts, cachePrompt: boolean): { readonly cachePrompt?: boolean } {
  return applies({ cachePrompt }) ? { cachePrompt } : {};
}

/** A fixed text is in the cache from its second repetition on. */
function refuseFixed({ id, nonce, prompts }: Workload): void {
  if (nonce || prompts.every(({ generate }) => generate !== undefined)) return;
  throw new LmpowerError('USAGE', `the prompts of ${id} are the same each time: none of them stays cold.`, {
    remedy: 'leave --workload out, or take one whose prompts differ, such as cache-v1',
  });
}
