import type { LoadedModel } from '../backends/backend.ts';
import { asLmpowerError, LmpowerError } from '../core/errors.ts';
import type { Watts } from '../core/units.ts';
import { acquireModel, releaseModel } from './model.ts';
import type { PhaseOwner } from './phases.ts';
import type { RunContext } from './run-context.ts';

/** A model in memory that is being asked. */
export interface Resident {
  readonly owner: PhaseOwner;
  /** Follows reloads. */
  model: LoadedModel;
  /** Power of its warm-up; null: not known. */
  warmup_W: Watts | null;
}

/**
 * Brings models into memory, one after the other, each load a phase of its own; with several, all must be there at once.
 * On failure those that came are released. @throws {LmpowerError} as `acquireModel`; MODEL_LOAD_FAILED, USAGE
 */
export async function acquireResidents(
  context: RunContext,
  owners: readonly PhaseOwner[],
): Promise<Resident[]> {
  const residents: Resident[] = [];
  try {
    for (const owner of owners) {
      const model = await acquireModel(context, owner, owner.modelKey);
      residents.push({ owner: { ...owner, modelKey: model.key }, model, warmup_W: null });
    }
    if (residents.length > 1) await checkTogether(context, residents);
    return residents;
  } catch (thrown) {
    await releaseResidents(context, residents);
    throw owners.length > 1 ? withWayOut(thrown) : thrown;
  }
}

/** Unloads those that were loaded by us; never throws. */
export async function releaseResidents(context: RunContext, residents: readonly Resident[]): Promise<void> {
  for (const { model } of residents) await releaseModel(context, model);
}

/** A server short of memory, or set to keep one model only, drops the first when the second comes. */
async function checkTogether({ backend }: RunContext, residents: readonly Resident[]): Promise<void> {
  const names = residents.map(({ model }) => model.identifier);
  const twice = names.find((name, place) => names.indexOf(name) !== place);
  if (twice !== undefined)
    throw new LmpowerError('USAGE', `two of the models to interleave are one instance: ${twice}.`);
  const present = new Set((await backend.loaded()).map(({ identifier }) => identifier));
  const gone = residents.find(({ model }) => !present.has(model.identifier));
  if (gone === undefined) return;
  throw new LmpowerError(
    'MODEL_LOAD_FAILED',
    `${gone.model.key} did not stay in memory beside the others, which interleaving needs.`,
  );
}

function withWayOut(thrown: unknown): unknown {
  const error = asLmpowerError(thrown);
  if (!error.code.startsWith('MODEL_')) return thrown;
  return new LmpowerError(error.code, error.message, {
    remedy: `${error.remedy}; or leave out --interleave: one model is then in memory at a time`,
    cause: thrown,
  });
}
