import { quantizationInName } from '../core/quantization.ts';
import type { Model } from '../core/run.ts';
import type { LoadedModel } from './backend.ts';
import { countAt, type JsonObject, objectAt, objectsAt, textAt } from './json.ts';
import type { Variant } from './openai-variants.ts';
import { NO_LOAD_REQUEST, requestedLoad, settingsBeside } from './settings.ts';

/** Names of the models that GET /v1/models lists; of facts there are none, but for vLLM's `max_model_len`. */
export function modelsOf(list: JsonObject, resident: (key: string) => boolean): Model[] {
  return objectsAt(list, 'data').flatMap((entry) => {
    const key = textAt(entry, 'id');
    return key === null ? [] : [modelOf(entry, key, resident)];
  });
}

function modelOf(entry: JsonObject, key: string, resident: (key: string) => boolean): Model {
  // A name ends in it by custom; nothing else tells.
  const quantization = quantizationInName(key);
  return {
    key,
    displayName: key,
    publisher: key.includes('/') ? (key.split('/').at(-2) ?? null) : null,
    architecture: null,
    format: null,
    quantization: quantization?.label ?? null,
    bitsPerWeight: quantization?.bits ?? null,
    params: null,
    size_B: null,
    maxContext_tok: countAt(entry, 'max_model_len'),
    vision: null,
    toolUse: null,
    variants: [],
    loaded: resident(key) ? [key] : [],
    remote: false,
  };
}

export function residentOf(model: Model, { id }: Variant): LoadedModel {
  // vLLM's limit is the one that it was started with, hence in force.
  const inForce =
    id === 'vllm' && model.maxContext_tok !== null ? { context_tok: model.maxContext_tok } : null;
  const settings = settingsBeside(requestedLoad(NO_LOAD_REQUEST), inForce);
  return { key: model.key, identifier: model.key, owned: false, settings, model };
}

/** TabbyAPI's GET /v1/model: the one in memory, with what it was loaded with. */
export function tabbyResident(answer: JsonObject): LoadedModel | null {
  const key = textAt(answer, 'id');
  if (key === null) return null;
  const parameters = objectAt(answer, 'parameters') ?? {};
  const context_tok = countAt(parameters, 'max_seq_len');
  const cache = textAt(parameters, 'cache_mode');
  const settings = settingsBeside(requestedLoad(NO_LOAD_REQUEST), {
    ...(context_tok === null ? {} : { context_tok }),
    ...(cache === null ? {} : { cache_mode: cache }),
  });
  return { key, identifier: key, owned: false, settings, model: modelOf(answer, key, () => true) };
}
