import type { PlanArm } from '../../core/arms.ts';
import { LmpowerError } from '../../core/errors.ts';
import { familyOf } from '../../core/model-family.ts';
import type { Model } from '../../core/run.ts';
import type { Experiment, ExperimentFacts } from './experiment.ts';
import { namedModels, withVariants } from './families.ts';

/** The same model as GGUF (llama.cpp) and as MLX. */
export const engine: Experiment = {
  id: 'engine',
  question: 'does llama.cpp or MLX cost less per token for the same model?',
  workload: 'experiment-v1',
  order: 'grouped',
  trials: 3,
  arms: (facts) => pairOf(facts).map((model) => armOf(model, facts)),
};

function armOf({ format, key }: Model, { inference, load }: ExperimentFacts): PlanArm {
  return { name: `${key} ${isMlx({ format }) ? 'MLX' : 'GGUF'}`, model: key, inference, load };
}

/** Two that were named, else the pair of one model whose bits a weight are nearest to each other. */
function pairOf(facts: ExperimentFacts): readonly Model[] {
  const named = namedModels(facts);
  const models = withVariants(named.length > 1 ? named : facts.models);
  const [first] = named;
  const pairs = models
    .filter(isGguf)
    .flatMap((gguf) => models.filter(isMlx).map((mlx) => [gguf, mlx] as const))
    .filter(([gguf, mlx]) => named.length > 1 || familyOf(gguf.key) === familyOf(mlx.key))
    .filter((pair) => named.length !== 1 || pair.some(({ key }) => key === first?.key))
    .toSorted((a, b) => apart(a) - apart(b));
  const [nearest] = pairs;
  if (nearest !== undefined) return nearest;
  throw new LmpowerError(
    'USAGE',
    'experiment engine compares one model as GGUF and as MLX, and there is no such pair.',
    {
      remedy: 'name both: lmpower run --experiment engine --model GGUF-KEY --model MLX-KEY',
    },
  );
}

function apart([a, b]: readonly [Model, Model]): number {
  return Math.abs((a.bitsPerWeight ?? 0) - (b.bitsPerWeight ?? 0));
}

function isGguf({ format }: Pick<Model, 'format'>): boolean {
  return format?.toLowerCase() === 'gguf';
}

/** LM Studio names MLX models by their files. */
function isMlx({ format }: Pick<Model, 'format'>): boolean {
  return ['mlx', 'safetensors'].includes(format?.toLowerCase() ?? '');
}
