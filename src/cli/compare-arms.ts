import { type Arm, armsOf } from '../analyzer/compare/arm.ts';
import { LmpowerError } from '../core/errors.ts';
import type { RunDocument } from '../core/result.ts';

/** A reference and what is compared with it. */
export interface Contest {
  readonly reference: Arm;
  readonly candidates: readonly Arm[];
}

/**
 * Who is compared with whom: within one run its models; between runs of one model each the runs; between runs of several
 * models each model with itself. The first is the reference unless a model is named. @throws {LmpowerError} USAGE
 */
export function contestsOf(documents: readonly RunDocument[], reference?: string): Contest[] {
  const sides = documents.map(armsOf);
  const empty = documents.find((_, place) => sides[place]?.length === 0);
  if (empty !== undefined)
    throw usage(`run ${empty.run.id} has no trials.`, 'lmpower runs lists what is recorded');
  const [first, ...others] = sides;
  if (first === undefined || (others.length === 0 && first.length < 2))
    throw usage(
      'a comparison needs two runs, or one run of two models.',
      'lmpower run --model A --model B --interleave --trials 12, then: lmpower compare latest',
    );
  if (others.length > 0 && sides.some((arms) => arms.length > 1))
    return byModel(first, others.flat(), reference);
  return [chosen(sides.flat(), reference)];
}

function chosen(arms: readonly Arm[], key: string | undefined): Contest {
  const named = key === undefined ? arms.slice(0, 1) : arms.filter(({ model }) => model === key);
  const [reference, second] = named;
  if (reference === undefined || second !== undefined) {
    const models = [...new Set(arms.map(({ model }) => model))].join(', ');
    const why =
      reference === undefined ? 'is not among them' : 'stands for several runs: put its run first instead';
    throw usage(`--reference ${key} ${why}.`, `compared are: ${models}`);
  }
  return { reference, candidates: arms.filter((arm) => arm !== reference) };
}

function byModel(references: readonly Arm[], others: readonly Arm[], key: string | undefined): Contest[] {
  const contests = references
    .filter(({ model }) => key === undefined || model === key)
    .map((reference) => ({
      reference,
      candidates: others.filter(({ model }) => model === reference.model),
    }))
    .filter(({ candidates }) => candidates.length > 0);
  if (contests.length > 0) return contests;
  throw usage('the runs have no model in common.', 'give runs of one model each, or runs of the same models');
}

function usage(message: string, remedy: string): LmpowerError {
  return new LmpowerError('USAGE', message, { remedy });
}
