import { asLmpowerError } from '../core/errors.ts';
import { measuresResidency } from './agenda.ts';
import { ownerOf } from './arms.ts';
import { idle, settle, unload } from './lifecycle.ts';
import type { TrialGroup } from './order.ts';
import { nameOf } from './phases.ts';
import { type Resident, releaseResidents } from './residents.ts';
import type { RunContext } from './run-context.ts';

/** Idle power of the open server before a load; left out while other models are in memory, which is another state. */
export async function idleBefore(context: RunContext, { models }: TrialGroup): Promise<void> {
  const [place] = models;
  if (place === undefined || !measuresResidency(context.plan, models.length)) return;
  const owner = ownerOf(context.plan, place);
  if (owner.modelKey === null || (await context.backend.loaded()).length > 0) return;
  await idle(context, owner, { state: 'B1' });
}

/** Idle power beside the model that was just loaded: what staying resident costs. */
export async function idleBeside(context: RunContext, residents: readonly Resident[]): Promise<void> {
  const [resident] = residents;
  if (resident === undefined || !measuresResidency(context.plan, residents.length)) return;
  const { owner } = resident;
  const { model } = resident.instance;
  if (!model.owned || context.signal.aborted) return;
  await settle(context, owner);
  if (!context.signal.aborted) await idle(context, owner, { state: 'B2', model: nameOf(owner) ?? model.key });
}

/** Unloads what we loaded, as a phase of its own where residency is measured, and lets the machine settle. Never throws. */
export async function release(context: RunContext, residents: readonly Resident[]): Promise<void> {
  const [resident] = residents;
  const isMeasured =
    measuresResidency(context.plan, residents.length) && resident?.instance.model.owned === true;
  if (!isMeasured || context.signal.aborted) return releaseResidents(context, residents);
  const { owner } = resident;
  const { model } = resident.instance;
  try {
    await unload(context, owner, model);
    await settle(context, owner);
  } catch (thrown) {
    const text = `${model.key} could not be unloaded: ${asLmpowerError(thrown).message}`;
    context.progress({ kind: 'note', text });
  }
}

/** The open server again after the last model, so that each load lies between two such baselines. */
export async function idleAfter(context: RunContext): Promise<void> {
  const last = context.agenda.groups.at(-1);
  if (last !== undefined && !context.signal.aborted) await idleBefore(context, last);
}
