import type { KvCacheType } from '../../core/model-settings.ts';
import type { Experiment } from './experiment.ts';
import { onlyModel } from './families.ts';

/** f16 is what servers take by themselves; below q4_0 answers fall apart. */
const TYPES: readonly KvCacheType[] = ['f16', 'q8_0', 'q4_0'];

/** One model with its key and value cache in several types. */
export const kvCache: Experiment = {
  id: 'kv-cache',
  question: 'does a quantized key and value cache save energy?',
  workload: 'experiment-v1',
  order: 'grouped',
  trials: 3,
  arms: (facts) => {
    const { inference, load } = facts;
    const { key } = onlyModel(facts, 'kv-cache');
    return TYPES.map((type) => ({
      name: `${key} kv ${type}`,
      model: key,
      inference,
      // Quantized values need flash attention, so that all sides have it. Source: llama.cpp, llama_init_from_model.
      load: { ...load, flashAttention: true, kCacheType: type, vCacheType: type },
    }));
  },
};
