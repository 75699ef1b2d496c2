import type { LoadedModel } from '../backends/backend.ts';
import { LmpowerError } from '../core/errors.ts';
import { watchedBaseline } from './baseline.ts';
import { awaitClosed } from './closed-server.ts';
import { lastReadings } from './meters.ts';
import { loadModel } from './model.ts';
import { announce, cooldown, nameOf, type PhaseOwner } from './phases.ts';
import type { RunContext } from './run-context.ts';

/**
 * What a model costs without being asked, `plan.trials` times:
 *
 *     baseline B1 · load · cooldown · baseline B2 · unload · cooldown · … · baseline B1 (· server closed · baseline B0)
 *
 * Without a model's key only the state that is there is measured: what was not loaded by us is not unloaded by us.
 * @throws {LmpowerError} USAGE while other models are in memory, and what loading and unloading throw
 */
export async function recordLifecycle(context: RunContext, owner: PhaseOwner): Promise<void> {
  const { ledger, plan, signal } = context;
  if (owner.modelKey === null) await recordPresent(context, owner);
  else {
    await refuseOthers(context);
    for (let repetition = 0; repetition < plan.trials && !signal.aborted; repetition++) {
      await recordCycle(context, owner, owner.modelKey);
    }
    if (!signal.aborted) await idle(context, owner, { state: 'B1' });
  }
  if (plan.closedServer === true && !signal.aborted && (await awaitClosed(context, owner))) {
    await idle(context, owner, { state: 'B0' });
  }
  if (!signal.aborted) await lastReadings(context);
  ledger.flush();
}

async function recordPresent(context: RunContext, owner: PhaseOwner): Promise<void> {
  const [resident] = await context.backend.loaded();
  const text =
    resident === undefined
      ? 'no model is in memory: load and residency are measured with --model KEY'
      : `${resident.identifier} stays in memory: load and residency are measured with --model KEY and none loaded`;
  context.progress({ kind: 'note', text });
  await idle(context, owner, resident === undefined ? { state: 'B1' } : { state: 'B2', model: resident.key });
}

async function recordCycle(context: RunContext, owner: PhaseOwner, key: string): Promise<void> {
  const { ledger, signal } = context;
  await idle(context, owner, { state: 'B1' });
  if (signal.aborted) return;
  const model = await loadModel(context, owner, key);
  try {
    await settle(context, owner);
    if (!signal.aborted) await idle(context, owner, { state: 'B2', model: model.key });
  } finally {
    await unload(context, owner, model);
  }
  ledger.flush();
  if (!signal.aborted) await settle(context, owner);
}

/** Idle power of a state, with what the meters gave meanwhile: between loads the run may write. */
export async function idle(
  context: RunContext,
  owner: PhaseOwner,
  state: { readonly state: 'B0' | 'B1' | 'B2'; readonly model?: string },
): Promise<void> {
  const { phase } = await watchedBaseline(context, owner, { ...state, warmup: null });
  context.ledger.phase(phase);
  context.ledger.mark();
  context.ledger.flush();
}

/** Clocks and leakage fall off over seconds after memory was filled or freed. */
export async function settle(context: RunContext, owner: PhaseOwner): Promise<void> {
  context.ledger.phase(await cooldown(context, owner, context.clock.now_s()));
}

/** Unloads in a phase of the run. @throws what the backend's `unload` throws */
export async function unload(context: RunContext, owner: PhaseOwner, model: LoadedModel): Promise<void> {
  const { backend, clock, ledger } = context;
  announce(context, owner, { phase: 'unload', planned_s: null });
  const start_s = clock.now_s();
  try {
    await backend.unload(model);
  } finally {
    ledger.phase({ kind: 'unload', start_s, end_s: clock.now_s(), model: nameOf(owner) ?? model.key });
  }
}

/** The open server without a model is the state that everything else is compared with. */
async function refuseOthers({ backend }: RunContext): Promise<void> {
  const names = (await backend.loaded()).map(({ identifier }) => identifier);
  if (names.length === 0) return;
  throw new LmpowerError(
    'USAGE',
    `workload idle starts without a model in memory; there is: ${names.join(', ')}.`,
    {
      remedy: 'unload them, then repeat; in LM Studio: lms unload --all',
    },
  );
}
