import type { LoadedModel } from '../backends/backend.ts';
import { asLmpowerError, LmpowerError } from '../core/errors.ts';
import { asSide, ownerOf, shareInstance, sidesOf } from './arms.ts';
import type { DomainPower } from './baseline.ts';
import { acquireModel, releaseModel } from './model.ts';
import type { PhaseOwner } from './phases.ts';
import type { RunContext } from './run-context.ts';

/** An instance in memory; `model` follows reloads. */
export interface Instance {
  model: LoadedModel;
}

/** A side of the plan whose model is in memory. Sides that differ in nothing that is fixed by loading share an instance. */
export interface Resident {
  readonly owner: PhaseOwner;
  readonly instance: Instance;
  /** Power of its warm-up; null: not known. */
  warmup: DomainPower | null;
}

/**
 * Brings models into memory, by their places in the plan, one after the other, each load a phase of its own; with several,
 * all must be there at once. On failure those that came are released.
 * @throws {LmpowerError} as `acquireModel`; MODEL_LOAD_FAILED, USAGE
 */
export async function acquireResidents(context: RunContext, places: readonly number[]): Promise<Resident[]> {
  const residents: Resident[] = [];
  try {
    for (const place of places) residents.push(await acquire(context, place, residents));
    if (residents.length > 1) await checkTogether(context, instancesOf(residents));
    return residents;
  } catch (thrown) {
    await releaseResidents(context, residents);
    throw places.length > 1 ? withWayOut(thrown) : thrown;
  }
}

async function acquire(context: RunContext, place: number, present: readonly Resident[]): Promise<Resident> {
  const owner = ownerOf(context.plan, place);
  const sides = sidesOf(context.plan);
  const own = sides[place];
  const sharing = present.find(({ owner: { model } }) => {
    const other = sides[model];
    return (
      context.plan.arms !== undefined && own !== undefined && other !== undefined && shareInstance(own, other)
    );
  });
  const instance = sharing?.instance ?? {
    model: await acquireModel(asSide(context, place), owner, owner.modelKey),
  };
  return { owner: { ...owner, modelKey: instance.model.key }, instance, warmup: null };
}

/** Unloads those that were loaded by us; never throws. */
export async function releaseResidents(context: RunContext, residents: readonly Resident[]): Promise<void> {
  for (const { model } of instancesOf(residents)) await releaseModel(context, model);
}

function instancesOf(residents: readonly Resident[]): Instance[] {
  return [...new Set(residents.map(({ instance }) => instance))];
}

/** A server short of memory, or set to keep one model only, drops the first when the second comes. */
async function checkTogether({ backend }: RunContext, instances: readonly Instance[]): Promise<void> {
  const names = instances.map(({ model }) => model.identifier);
  const twice = names.find((name, place) => names.indexOf(name) !== place);
  if (twice !== undefined)
    throw new LmpowerError('USAGE', `two of the models to interleave are one instance: ${twice}.`);
  const present = new Set((await backend.loaded()).map(({ identifier }) => identifier));
  const gone = instances.find(({ model }) => !present.has(model.identifier));
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
