import type { LoadedModel } from '../backends/backend.ts';
import { inferenceSettings } from '../backends/settings.ts';
import { asLmpowerError, LmpowerError } from '../core/errors.ts';
import type { LoadSettings, Plan, Setting } from '../core/run.ts';
import { modelFacts } from './model-facts.ts';
import { announce, nameOf, type PhaseOwner } from './phases.ts';
import type { RunContext } from './run-context.ts';

/**
 * The model to ask: the loaded one when no key is given or the key's instance is loaded; else it is loaded, in a
 * phase of its own. Load settings that were asked for always load an instance of our own.
 * @throws {LmpowerError} MODEL_NOT_LOADED, MODEL_REMOTE, and what the backend's `load` throws
 */
export async function acquireModel(
  context: RunContext,
  owner: PhaseOwner,
  key: string | null,
): Promise<LoadedModel> {
  const instances = await context.backend.loaded();
  const present = key === null ? instances[0] : instanceOf(instances, key, context.plan.load);
  const model = present ?? (key === null ? null : await loadModel(context, owner, key));
  if (model === null) {
    throw new LmpowerError('MODEL_NOT_LOADED', `no model is loaded on ${context.backend.title}.`);
  }
  if (model.model?.remote === true) {
    throw new LmpowerError(
      'MODEL_REMOTE',
      `${model.key} runs on another machine: its energy cannot be read here.`,
    );
  }
  noteOthers(context, instances, model);
  const settings = loadedSettings(context, model);
  context.ledger.setting(named(context.plan, owner, { key: model.key, settings }));
  return model;
}

/** The same model again after the server dropped it: as it is when it came back by itself, else loaded. */
export async function reacquireModel(
  context: RunContext,
  owner: PhaseOwner,
  lost: LoadedModel,
): Promise<LoadedModel> {
  const instances = await context.backend.loaded();
  return (
    instances.find(({ identifier }) => identifier === lost.identifier) ?? loadModel(context, owner, lost.key)
  );
}

/** Unloads only what was loaded by us; a failure is told, not thrown: the run is over. */
export async function releaseModel({ backend, progress }: RunContext, model: LoadedModel): Promise<void> {
  if (!model.owned) return;
  try {
    await backend.unload(model);
  } catch (thrown) {
    progress({ kind: 'note', text: `${model.key} could not be unloaded: ${asLmpowerError(thrown).message}` });
  }
}

/** Loads an instance of our own, in a phase of the run. @throws what the backend's `load` throws */
export async function loadModel(context: RunContext, owner: PhaseOwner, key: string): Promise<LoadedModel> {
  const { backend, clock, ledger, plan, signal } = context;
  announce(context, owner, { phase: 'load', planned_s: null });
  const start_s = clock.now_s();
  try {
    return await backend.load(key, plan.load, signal);
  } finally {
    ledger.phase({ kind: 'load', start_s, end_s: clock.now_s(), model: nameOf(owner) ?? key });
  }
}

function instanceOf(
  instances: readonly LoadedModel[],
  key: string,
  settings: LoadSettings,
): LoadedModel | undefined {
  if (Object.values(settings).some((value) => value !== null && value !== undefined)) return undefined;
  return instances.find((instance) => instance.key === key || instance.identifier === key);
}

/** Other resident models share memory and power with the one that is asked. */
function noteOthers(
  { plan, progress }: RunContext,
  instances: readonly LoadedModel[],
  model: LoadedModel,
): void {
  const isWanted = ({ key, identifier }: LoadedModel): boolean =>
    plan.order === 'interleaved' && (plan.models.includes(key) || plan.models.includes(identifier));
  const others = instances.filter((one) => one.identifier !== model.identifier && !isWanted(one));
  if (others.length === 0) return;
  const names = others.map(({ identifier }) => identifier).join(', ');
  progress({ kind: 'note', text: `using ${model.identifier}; also in memory: ${names}` });
}

/** Settings of the model's file and of its load, as in force. */
function loadedSettings({ plan }: RunContext, { key, model, settings }: LoadedModel): Setting[] {
  const digest = plan.identities?.find((one) => one.key === key)?.digest ?? null;
  return [...modelFacts(model, digest), ...settings];
}

/** What the model is asked with, once it was asked: a server may say only then what is in force. */
export function noteInference(
  { backend, ledger, plan }: RunContext,
  owner: PhaseOwner,
  model: LoadedModel,
): void {
  const told = { defaults: model.defaults ?? {}, inForce: backend.inForce?.(model) ?? null };
  ledger.setting(named(plan, owner, { key: model.key, settings: inferenceSettings(plan.inference, told) }));
}

/** With several models each setting says whose it is. */
function named(
  plan: Plan,
  owner: PhaseOwner,
  { key, settings }: { readonly key: string; readonly settings: readonly Setting[] },
): readonly Setting[] {
  if (plan.models.length < 2 && plan.arms === undefined) return settings;
  return settings.map((setting) => ({ ...setting, name: `${owner.name ?? key}: ${setting.name}` }));
}
