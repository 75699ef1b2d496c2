import { createHash } from 'node:crypto';
import type { LoadedModel } from '../backends/backend.ts';
import type { ModelIdentity } from '../core/arms.ts';
import type { Model, Plan } from '../core/run.ts';
import { sidesOf } from './arms.ts';
import { canonicalJson } from './canonical-json.ts';

/** Digest of a model's file; null where the file cannot be read here. */
export type DigestOf = (model: Model) => Promise<string | null>;

/**
 * What tells the models of a plan, and those that draft for them, from others of the same name. An instance that is in memory already and will be asked as
 * it is counts with the settings it was loaded with.
 */
export async function identitiesOf(
  plan: Plan,
  server: { readonly instances: readonly LoadedModel[]; readonly models: readonly Model[] },
  digestOf: DigestOf = async ({ digest }) => digest ?? null,
): Promise<ModelIdentity[]> {
  const { instances } = server;
  const models = new Map(server.models.map((model) => [model.key, model]));
  const identities = new Map<string, ModelIdentity>();
  const sides = sidesOf(plan);
  for (const { key, load } of sides) {
    const isAsked = Object.values(load).some((value) => value !== null && value !== undefined);
    const instance = isAsked ? undefined : instances.find((one) => key === null || isOf(one, key));
    const name = key ?? instance?.key;
    if (name === undefined || identities.has(name)) continue;
    const model = models.get(instance?.key ?? name) ?? instance?.model ?? null;
    const digest = model === null ? null : await digestOf(model);
    identities.set(name, identityOf(name, model, { instance, digest }));
  }
  for (const name of sides.flatMap(({ inference }) => inference.draftModel ?? [])) {
    const model = models.get(name);
    if (model === undefined || identities.has(name)) continue;
    identities.set(name, identityOf(name, model, { instance: undefined, digest: await digestOf(model) }));
  }
  return [...identities.values()];
}

function isOf({ identifier, key }: LoadedModel, name: string): boolean {
  return key === name || identifier === name;
}

function identityOf(
  key: string,
  model: Model | null,
  { digest, instance }: { readonly digest: string | null; readonly instance: LoadedModel | undefined },
): ModelIdentity {
  return {
    key,
    digest,
    size_B: model?.size_B ?? null,
    format: model?.format ?? null,
    quantization: model?.quantization ?? null,
    instance: instance === undefined ? null : settingsHash(instance),
  };
}

function settingsHash({ settings }: LoadedModel): string {
  const inForce = Object.fromEntries(settings.map(({ effective, name }) => [name, effective]));
  return createHash('sha256').update(canonicalJson(inForce)).digest('hex');
}
