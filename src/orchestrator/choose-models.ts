import { LmpowerError } from '../core/errors.ts';
import type { Model } from '../core/run.ts';
import { type ModelFilter, selectModels } from './model-filter.ts';

export interface ModelChoice {
  /** Keys that were named; empty: any. */
  readonly named: readonly string[];
  readonly filter: ModelFilter;
  /** The first so many. */
  readonly limit?: number;
}

/** Models whose energy can be read here: those of other machines are left out. */
export function localModels(models: readonly Model[]): Model[] {
  return models.filter(({ remote, type = 'llm' }) => !remote && type === 'llm');
}

/** Keys of the models that are meant, in the server's order, or in that of their names. @throws {LmpowerError} MODEL_NOT_FOUND */
export function chooseModels(models: readonly Model[], { filter, limit, named }: ModelChoice): string[] {
  const candidates = named.length === 0 ? localModels(models) : namedAmong(models, named);
  const fitting = selectModels(candidates, filter).map(({ key }) => key);
  const chosen = [...new Set(fitting)].slice(0, limit ?? fitting.length);
  if (chosen.length > 0) return chosen;
  throw new LmpowerError(
    'MODEL_NOT_FOUND',
    candidates.length === 0
      ? 'the server has no language model on this machine.'
      : `none of ${candidates.length} models fits what was asked for.`,
  );
}

function namedAmong(models: readonly Model[], named: readonly string[]): Model[] {
  return named.map((key) => {
    const model = models.find((one) => one.key === key || one.variants.includes(key));
    if (model !== undefined) return { ...model, key };
    throw new LmpowerError('MODEL_NOT_FOUND', `the server has no model '${key}'.`);
  });
}
