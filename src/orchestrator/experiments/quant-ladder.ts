import type { PlanArm } from '../../core/arms.ts';
import { LmpowerError } from '../../core/errors.ts';
import { familyOf } from '../../core/model-family.ts';
import type { Model } from '../../core/run.ts';
import type { Experiment, ExperimentFacts } from './experiment.ts';
import { namedModels, withVariants } from './families.ts';

/** Every quantization of one model against the widest. */
export const quantLadder: Experiment = {
  id: 'quant-ladder',
  question: 'which quantization of a model costs least per token?',
  workload: 'experiment-v1',
  order: 'grouped',
  trials: 3,
  arms: (facts) => rungsOf(facts).map((model) => armOf(model, facts)),
};

function armOf({ key }: Model, { inference, load }: ExperimentFacts): PlanArm {
  return { name: key, model: key, inference, load };
}

/** Those that were named where they are several, else all of one model; the most bits a weight first. */
function rungsOf(facts: ExperimentFacts): Model[] {
  const named = namedModels(facts);
  const rungs = named.length > 1 ? named : ladderOf(facts, named[0]);
  return rungs.toSorted(compareWidth);
}

function ladderOf({ models }: ExperimentFacts, named: Model | undefined): Model[] {
  const ladders = new Map<string, Model[]>();
  for (const model of withVariants(models)) {
    const ladder = `${familyOf(model.key)} (${model.format ?? 'unknown format'})`;
    ladders.set(ladder, [...(ladders.get(ladder) ?? []), model]);
  }
  const fitting = [...ladders].filter(
    ([, rungs]) =>
      new Set(rungs.map(({ quantization }) => quantization)).size > 1 &&
      (named === undefined || rungs.some(({ key }) => key === named.key)),
  );
  const [only, second] = fitting;
  if (only !== undefined && second === undefined) return only[1];
  const why =
    only === undefined
      ? `the server has no second quantization of ${named?.key ?? 'any model'}`
      : `there are several models in more than one: ${fitting.map(([name]) => name).join(', ')}`;
  throw new LmpowerError(
    'USAGE',
    `experiment quant-ladder compares quantizations of one model, and ${why}.`,
    {
      remedy: 'name one, or all that are to be compared: --model A --model B',
    },
  );
}

/** Of one model a larger file has more bits a weight; names alone tie, as `Q4_K_S` and `Q4_K_M` do. */
function compareWidth(a: Model, b: Model): number {
  if (a.size_B !== null && b.size_B !== null) return b.size_B - a.size_B;
  return (b.bitsPerWeight ?? 0) - (a.bitsPerWeight ?? 0);
}
