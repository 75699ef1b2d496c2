import { LmpowerError } from '../../core/errors.ts';
import type { Experiment } from './experiment.ts';
import { onlyModel } from './families.ts';

/** One model without and with a small one that drafts for it, by turns: both sides are asked of one instance. */
export const draft: Experiment = {
  id: 'draft',
  question: 'does a draft model save energy?',
  workload: 'experiment-v1',
  order: 'interleaved',
  trials: 3,
  arms: (facts) => {
    const { inference, load } = facts;
    const draftModel = inference.draftModel ?? null;
    if (draftModel === null) {
      throw new LmpowerError('USAGE', 'experiment draft needs the model that drafts.', {
        remedy: 'lmpower run --experiment draft --model KEY --draft-model SMALL',
      });
    }
    const { key } = onlyModel(facts, 'draft');
    return [
      { name: `${key} alone`, model: key, load, inference: { ...inference, draftModel: null } },
      { name: `${key} + ${draftModel}`, model: key, load, inference },
    ];
  },
};
