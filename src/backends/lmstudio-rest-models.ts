import { quantizationOf } from '../core/quantization.ts';
import type { LoadSettings, Model } from '../core/run.ts';
import type { LoadedModel } from './backend.ts';
import { countAt, flagAt, type JsonObject, numberAt, objectAt, objectsAt, textAt, textsAt } from './json.ts';
import { flattened, requestedLoad, settingsBeside } from './settings.ts';

/** Source: LM Studio REST v1, GET /api/v1/models and POST /api/v1/models/load. */
const OUR_NAMES: Readonly<Record<string, string>> = {
  context_length: 'context_tok',
  flash_attention: 'flashAttention',
  eval_batch_size: 'batch_tok',
  parallel: 'parallel',
};

/** Models of the list; an entry without a key, or of a kind that nobody knows, is left out. */
export function modelsOf(answer: JsonObject): Model[] {
  return objectsAt(answer, 'models').flatMap((entry) => modelOf(entry) ?? []);
}

function modelOf(entry: JsonObject): Model | null {
  const key = textAt(entry, 'key');
  const type = textAt(entry, 'type');
  if (key === null || (type !== 'llm' && type !== 'embedding')) return null;
  const quantization = objectAt(entry, 'quantization') ?? {};
  const capabilities = objectAt(entry, 'capabilities') ?? {};
  return {
    type,
    key,
    displayName: textAt(entry, 'display_name') ?? key,
    publisher: textAt(entry, 'publisher'),
    architecture: textAt(entry, 'architecture'),
    format: textAt(entry, 'format'),
    quantization: quantizationOf(textAt(quantization, 'name'))?.label ?? null,
    bitsPerWeight: numberAt(quantization, 'bits_per_weight'),
    params: textAt(entry, 'params_string'),
    size_B: countAt(entry, 'size_bytes'),
    maxContext_tok: countAt(entry, 'max_context_length'),
    vision: flagAt(capabilities, 'vision'),
    toolUse: flagAt(capabilities, 'trained_for_tool_use'),
    variants: textsAt(entry, 'variants'),
    loaded: objectsAt(entry, 'loaded_instances').flatMap((instance) => textAt(instance, 'id') ?? []),
    // This API does not tell of linked machines.
    remote: false,
  };
}

/** Every instance in memory with its configuration. `owns`: loaded by us. */
export function instancesOf(
  answer: JsonObject,
  { requested, owns }: { requested: LoadSettings; owns: (identifier: string) => boolean },
): LoadedModel[] {
  return objectsAt(answer, 'models').flatMap((entry) => {
    const model = modelOf(entry);
    if (model === null) return [];
    return objectsAt(entry, 'loaded_instances').flatMap((instance) => {
      const identifier = textAt(instance, 'id');
      if (identifier === null) return [];
      const config = objectAt(instance, 'config');
      const effective = config === null ? null : flattened(config, OUR_NAMES);
      const settings = settingsBeside(requestedLoad(requested), effective);
      return [{ key: model.key, identifier, owned: owns(identifier), settings, model }];
    });
  });
}

/** Body of a load request: only what was asked for. */
export function loadBody(key: string, load: LoadSettings): JsonObject {
  return {
    model: key,
    echo_load_config: true,
    ...(load.context_tok === null ? {} : { context_length: load.context_tok }),
    ...(load.flashAttention === null ? {} : { flash_attention: load.flashAttention }),
    ...(load.batch_tok === null || load.batch_tok === undefined ? {} : { eval_batch_size: load.batch_tok }),
  };
}

/** The instance that a load request answered with, its echoed configuration read back. Null: no identifier in it. */
export function loadedOf(
  answer: JsonObject,
  { key, requested }: { key: string; requested: LoadSettings },
): LoadedModel | null {
  const identifier = textAt(answer, 'instance_id');
  if (identifier === null) return null;
  const echoed = objectAt(answer, 'load_config');
  const settings = settingsBeside(
    requestedLoad(requested),
    echoed === null ? null : flattened(echoed, OUR_NAMES),
  );
  return { key, identifier, owned: true, settings, model: null };
}
