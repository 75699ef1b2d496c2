import { LmpowerError } from '../../core/errors.ts';
import { cache } from './cache.ts';
import { draft } from './draft.ts';
import { engine } from './engine.ts';
import type { Experiment } from './experiment.ts';
import { kvCache } from './kv-cache.ts';
import { quantLadder } from './quant-ladder.ts';

export type { Experiment, ExperimentFacts } from './experiment.ts';

/** All of them, as help lists them. */
export const EXPERIMENTS: readonly Experiment[] = [quantLadder, draft, kvCache, engine, cache];

/** @throws {LmpowerError} USAGE */
export function experimentOf(id: string): Experiment {
  const found = EXPERIMENTS.find((experiment) => experiment.id === id);
  if (found !== undefined) return found;
  const ids = EXPERIMENTS.map((experiment) => experiment.id).join(', ');
  throw new LmpowerError('USAGE', `there is no experiment '${id}'.`, { remedy: `one of: ${ids}` });
}
