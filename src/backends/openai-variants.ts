import type { InferenceSettings } from '../core/run.ts';
import { objectAt, objectsAt, textAt } from './json.ts';
import type { Ask } from './signature.ts';

export type VariantId = 'vllm' | 'mlx' | 'tabby' | 'lmstudio' | 'other';

type WireNames = Readonly<Partial<Record<Exclude<keyof InferenceSettings, 'maxOutput_tok'>, string>>>;

/** What a kind of OpenAI-compatible server does beyond the common form, or does not. */
export interface Variant {
  readonly id: VariantId;
  /** What people call the server. */
  readonly title: string;
  /** Our settings in the server's words; one without a word it cannot apply. */
  readonly names: WireNames;
  /** What GET /v1/models lists: what is in memory, or all that a request could load. */
  readonly lists: 'resident' | 'all';
  /** Counts one token too few where the limit ended the answer. Source: LM Studio bug tracker, issue 2335. */
  readonly shortAtLimit: boolean;
}

/** Source: OpenAI API reference, create chat completion. What it does not name may be passed over in silence, so it is not sent. */
const COMMON: WireNames = {
  temperature: 'temperature',
  topP: 'top_p',
  seed: 'seed',
  stop: 'stop',
};

const WITH_SAMPLERS: WireNames = {
  ...COMMON,
  topK: 'top_k',
  minP: 'min_p',
  repeatPenalty: 'repetition_penalty',
};

/** Sources: the documentation of each server on its sampling parameters. */
export const VARIANTS: Readonly<Record<VariantId, Variant>> = {
  vllm: {
    id: 'vllm',
    title: 'vLLM',
    names: { ...WITH_SAMPLERS, ignoreEos: 'ignore_eos' },
    lists: 'resident',
    shortAtLimit: false,
  },
  mlx: {
    id: 'mlx',
    title: 'mlx_lm.server',
    names: { ...WITH_SAMPLERS, draftModel: 'draft_model' },
    lists: 'all',
    shortAtLimit: false,
  },
  tabby: {
    id: 'tabby',
    title: 'TabbyAPI',
    names: { ...WITH_SAMPLERS, ignoreEos: 'ban_eos_token' },
    lists: 'all',
    shortAtLimit: false,
  },
  lmstudio: {
    id: 'lmstudio',
    title: 'LM Studio (OpenAI-compatible)',
    names: { ...COMMON, topK: 'top_k', repeatPenalty: 'repeat_penalty', draftModel: 'draft_model' },
    lists: 'all',
    shortAtLimit: true,
  },
  other: { id: 'other', title: 'OpenAI-compatible server', names: COMMON, lists: 'all', shortAtLimit: false },
};

/**
 * The kind of server by its own signature, or null where it is none of this form. `other` only where the address was given:
 * on a known port a stranger is not enough. Sources: each server's own documentation of the path that is asked.
 */
export async function recognizeVariant(ask: Ask, named: boolean): Promise<VariantId | null> {
  const models = await ask('/v1/models');
  if (models === null) return null;
  const wantsKey = models.status === 401 || models.status === 403;
  const entries = objectsAt(models.json, 'data');
  if (!wantsKey && !Array.isArray(models.json['data'])) return null;
  const owners = new Set(entries.map((entry) => textAt(entry, 'owned_by')));
  if (owners.has('vllm')) return 'vllm';
  if ((await ask('/lmstudio-greeting'))?.json['lmstudio'] === true) return 'lmstudio';
  const service = (await ask('/.well-known/serviceinfo'))?.json ?? {};
  if (textAt(objectAt(service, 'software') ?? {}, 'name') === 'TabbyAPI') return 'tabby';
  if (wantsKey && /^vllm:/m.test((await ask('/metrics'))?.text ?? '')) return 'vllm';
  if (await isMlx(ask, owners)) return 'mlx';
  return named ? 'other' : null;
}

/** It shares its port with llama-server, whose /props always answers and whose models are `llamacpp`'s. */
async function isMlx(ask: Ask, owners: ReadonlySet<string | null>): Promise<boolean> {
  if (owners.has('llamacpp') || owners.has('library')) return false;
  if (textAt((await ask('/health'))?.json ?? {}, 'status') !== 'ok') return false;
  const props = await ask('/props');
  return props !== null && props.status === 404 && props.text.trim() === 'Not Found';
}
