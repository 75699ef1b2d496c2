import { createHash } from 'node:crypto';
import type { ModelIdentity } from '../core/arms.ts';
import type { Environment, Plan, RunRecord } from '../core/run.ts';
import { type Side, sidesOf } from './arms.ts';
import { canonicalJson } from './canonical-json.ts';
import { trialGroups } from './order.ts';

/** Raised whenever what is hashed changes: what was known under another scheme is not known under this one. */
export const CONFIGURATION_SCHEME = 1;

/** What a configuration is made of. */
export type Configured = Pick<RunRecord, 'plan' | 'environment' | 'simulated'>;

/**
 * SHA-256 of each trial's configuration, by trial index: two trials of equal hash measure the same thing on the same machine.
 * All that could change a number is in it (METHOD §9): machine, server, model file, settings, prompt, sources, phases; what
 * only says how often or in which sequence is not.
 */
export function configurationsOf(run: Configured): Map<number, string> {
  const common = sha256(canonicalJson(commonOf(run)));
  const sides = sideHashes(run.plan);
  const specs = trialGroups(run.plan).flatMap(({ trials }) => trials);
  const known = new Map<string, string>();
  const hashOf = (parts: string): string => {
    const found = known.get(parts) ?? sha256(parts);
    known.set(parts, found);
    return found;
  };
  return new Map(
    specs.map(({ index, model, prompt }) => [
      index,
      hashOf(`${CONFIGURATION_SCHEME} ${common} ${sides[model] ?? ''} ${prompt.id}`),
    ]),
  );
}

function commonOf({ environment, plan, simulated }: Configured): object {
  const { id, sha256: hash, version } = plan.workload;
  const { baselineStrategy = 'fresh', baselineTtl_s = null, order = 'grouped' } = plan;
  return {
    simulated,
    backend: plan.backend,
    workload: { id, version, hash },
    sources: [...(plan.sources ?? [])].map(({ domains, id: source }) => ({
      source,
      domains: [...domains].sort(),
    })),
    ...ownMeters(plan),
    machine: machineOf(environment),
    interval_ms: plan.interval_ms,
    baseline_s: plan.baseline_s,
    baselineMax_s: plan.baselineMax_s,
    cooldown_s: plan.cooldown_s,
    warmup: plan.warmup,
    baselineStrategy,
    baselineTtl_s,
    isInterleaved: order === 'interleaved',
  };
}

/** A source of the person's own is known by all that was said of it: two plugs bear one name. */
function ownMeters({ samplers }: Plan): { readonly meters?: readonly string[] } {
  const meters = samplers.filter((name) => name.includes(':'));
  return meters.length === 0 ? {} : { meters };
}

/** Without what no joule depends on: the version of Node, how the meters came by their rights, settings of models. */
function machineOf({ elevated: _, node: __, settings: ___, ...machine }: Environment): object {
  return machine;
}

/** Of many models that are asked alike, the settings are hashed once. */
function sideHashes(plan: Plan): string[] {
  const identities = new Map((plan.identities ?? []).map((identity) => [identity.key, identity]));
  const settings = new Map<object, string>();
  const hashOf = (object: object): string => {
    const found = settings.get(object) ?? sha256(canonicalJson(given(object)));
    settings.set(object, found);
    return found;
  };
  return sidesOf(plan).map((side) => {
    const model = modelOf(plan, side, identities);
    return sha256(`${canonicalJson(model)} ${hashOf(side.inference)} ${hashOf(side.load)} ${side.isWarm}`);
  });
}

/** A model that the server says nothing of is known by the server's address. */
function modelOf(plan: Plan, side: Side, identities: ReadonlyMap<string, ModelIdentity>): object {
  const { inference, key } = side;
  const found = key === null ? plan.identities?.[0] : identities.get(key);
  const identity = found ?? { key, digest: null, size_B: null };
  const isTold = identity.digest !== null || identity.size_B !== null;
  const draft = identities.get(inference.draftModel ?? '');
  return { identity, url: isTold ? null : plan.url, ...(draft === undefined ? {} : { draft }) };
}

/** Null and not given both leave it to the server. */
function given(settings: object): object {
  return Object.fromEntries(
    Object.entries(settings).filter(([, value]) => value !== null && value !== undefined),
  );
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
