import { LmpowerError } from '../../core/errors.ts';
import { quantizationInName } from '../../core/quantization.ts';
import type { Model } from '../../core/run.ts';
import type { ExperimentFacts } from './experiment.ts';

/** Each quantization that the server has of a model as a model of its own. */
export function withVariants(models: readonly Model[]): Model[] {
  return models.flatMap((model) => {
    const others = model.variants.filter((key) => key !== model.key);
    if (others.length === 0 || model.variants.length < 2) return [model];
    return model.variants.map((key) => {
      const quantization = quantizationInName(key);
      const isOwn = quantization === null || quantization.label === model.quantization;
      return isOwn
        ? { ...model, key }
        : {
            ...model,
            key,
            quantization: quantization.label,
            bitsPerWeight: quantization.bits,
            size_B: null,
          };
    });
  });
}

/** The models that were named, in that order. @throws {LmpowerError} MODEL_NOT_FOUND */
export function namedModels({ asked, models }: ExperimentFacts): Model[] {
  const all = [...models, ...withVariants(models)];
  return asked.map((key) => {
    const model = all.find((one) => one.key === key || one.loaded.includes(key));
    if (model !== undefined) return model;
    throw new LmpowerError('MODEL_NOT_FOUND', `the server has no language model '${key}' on this machine.`);
  });
}

/** The one model of an experiment: the one that was named, else the one in memory. @throws {LmpowerError} USAGE */
export function onlyModel(facts: ExperimentFacts, id: string): Model {
  const named = namedModels(facts);
  const [first, second] = named.length > 0 ? named : facts.models.filter(({ loaded }) => loaded.length > 0);
  if (first !== undefined && second === undefined) return first;
  const why = first === undefined ? 'none is named or in memory' : 'there are several';
  throw new LmpowerError('USAGE', `experiment ${id} is about one model, and ${why}.`, {
    remedy: `lmpower run --experiment ${id} --model KEY; lmpower models lists the keys`,
  });
}
