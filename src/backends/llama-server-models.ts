import { LmpowerError } from '../core/errors.ts';
import { quantizationInName } from '../core/quantization.ts';
import type { LoadSettings, Model, Setting } from '../core/run.ts';
import type { AnswerLine } from './answer-stream.ts';
import type { LoadedModel } from './backend.ts';
import { collectText } from './http.ts';
import { refusal } from './http-errors.ts';
import {
  countAt,
  flagAt,
  isObject,
  type JsonObject,
  numberAt,
  objectAt,
  objectsAt,
  parsed,
  textAt,
} from './json.ts';
import { QUESTION_TIMEOUT_s } from './options.ts';
import { requestedLoad, settingsBeside } from './settings.ts';

const PARAMS_PER_B = 1e9;
const PARAMS_PER_M = 1e6;
/** From here on a tenth of a million is no longer a figure that people give. */
const FEW_MILLIONS = 100;
const BITS_PER_BYTE = 8;
const SLOTS_LIMIT_B = 32 * 1024 * 1024;

/** The models of GET /v1/models with what GET /props adds. Source: llama.cpp tools/server/README.md. */
export function modelsOf(list: JsonObject, props: JsonObject): Model[] {
  const entries = objectsAt(list, 'data');
  // Where there are several, what /props says is said of one of them.
  const path = entries.length === 1 ? textAt(props, 'model_path') : null;
  return entries.flatMap((entry) => modelOf(entry, props, path) ?? []);
}

function modelOf(entry: JsonObject, props: JsonObject, path: string | null): Model | null {
  const key = textAt(entry, 'id');
  if (key === null) return null;
  const meta = objectAt(entry, 'meta') ?? {};
  const params = countAt(meta, 'n_params');
  const size_B = countAt(meta, 'size');
  const modalities = objectAt(props, 'modalities');
  return {
    key,
    displayName: nameOf(key),
    publisher: null,
    architecture: null,
    // llama.cpp reads nothing else.
    format: 'gguf',
    quantization: quantizationInName(path ?? key)?.label ?? null,
    bitsPerWeight:
      params === null || params === 0 || size_B === null ? null : (size_B * BITS_PER_BYTE) / params,
    params: params === null ? null : paramsText(params),
    size_B,
    maxContext_tok: countAt(meta, 'n_ctx_train'),
    vision: modalities === null ? null : flagAt(modalities, 'vision'),
    toolUse: null,
    variants: [],
    loaded: isResident(entry) ? [key] : [],
    remote: false,
    ...(path === null ? {} : { path }),
  };
}

/** `7.6B`; below one billion `362M` and `10.8M`, which in billions would lose their digits. */
function paramsText(params: number): string {
  if (params >= PARAMS_PER_B) return `${(params / PARAMS_PER_B).toFixed(1)}B`;
  const millions = params / PARAMS_PER_M;
  return `${millions.toFixed(millions < FEW_MILLIONS ? 1 : 0)}M`;
}

/** The key is the model's path where the server was given no alias: the folders say nothing of the model. */
function nameOf(key: string): string {
  return /\.gguf$/i.test(key) ? (key.split(/[\\/]/).at(-1) ?? key) : key;
}

/** A server that routes to several models tells the state of each; one that has a single model has it in memory. */
function isResident(entry: JsonObject): boolean {
  const status = objectAt(entry, 'status');
  return status === null || textAt(status, 'value') === 'loaded';
}

export function residentsOf(list: JsonObject, props: JsonObject, requested: LoadSettings): LoadedModel[] {
  const settings = settingsOf(props, requested);
  const defaults = defaultsOf(props);
  return modelsOf(list, props)
    .filter(({ loaded }) => loaded.length > 0)
    .map((model) => ({ key: model.key, identifier: model.key, owned: false, settings, defaults, model }));
}

/** Source: llama.cpp tools/server/README.md, `default_generation_settings`; older builds have its fields a level higher. */
const DEFAULTS = {
  temperature: 'temperature',
  topP: 'top_p',
  topK: 'top_k',
  minP: 'min_p',
  repeatPenalty: 'repeat_penalty',
  seed: 'seed',
} as const;

function defaultsOf(props: JsonObject): Record<string, number> {
  const generation = objectAt(props, 'default_generation_settings') ?? {};
  const params = objectAt(generation, 'params') ?? generation;
  return Object.fromEntries(
    Object.entries(DEFAULTS).flatMap(([name, wire]) => {
      const value = numberAt(params, wire);
      return value === null ? [] : [[name, value]];
    }),
  );
}

/** What the server reads back: the context of a slot, the number of slots, and whether it drafts. */
function settingsOf(props: JsonObject, requested: LoadSettings): Setting[] {
  const generation = objectAt(props, 'default_generation_settings') ?? {};
  const context_tok = numberAt(generation, 'n_ctx');
  const parallel = countAt(props, 'total_slots');
  const speculative = flagAt(generation, 'speculative');
  return settingsBeside(requestedLoad(requested), {
    ...(context_tok === null ? {} : { context_tok }),
    ...(parallel === null ? {} : { parallel }),
    ...(speculative === null ? {} : { speculative }),
  });
}

/** Slots that work on a request. The answer is a list, unlike every other. @throws {LmpowerError} BACKEND_REFUSED where it is switched off */
export async function slotsAtWork({ http, token, timeout_s }: AnswerLine): Promise<number> {
  const body = collectText(SLOTS_LIMIT_B);
  const limit_s = Math.min(timeout_s, QUESTION_TIMEOUT_s);
  const request = { method: 'GET', path: '/slots', accept: 'application/json', timeout_s: limit_s } as const;
  const head = await http.exchange(request, { onBytes: body.take });
  const answer = parsed(body.text());
  const where = `${http.base}/slots`;
  const refused = refusal({ ...head, where, token, text: body.text(), answer });
  if (refused !== null) throw refused;
  if (!Array.isArray(answer)) throw new LmpowerError('BACKEND_PROTOCOL', `${where} answered with no list`);
  return answer.filter((slot) => isObject(slot) && slot['is_processing'] === true).length;
}
