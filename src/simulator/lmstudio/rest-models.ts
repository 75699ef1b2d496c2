import type { LabModel } from './catalog.ts';
import type { Instance } from './instance.ts';
import type { JsonRecord } from './json.ts';
import { booleanAt, textAt } from './json.ts';
import type { LabServer } from './lab.ts';
import { missingParameter, unknownKeys } from './refusal.ts';
import type { Exchange } from './route.ts';
import { replyJson } from './route.ts';
import type { Settings } from './settings.ts';
import { contextOf_tok } from './settings.ts';

/** REST names of load settings and their wire keys. Source: LM Studio documentation, load. */
const LOAD_KEYS: Readonly<Record<string, string>> = {
  context_length: 'llm.load.contextLength',
  eval_batch_size: 'llm.load.llama.evalBatchSize',
  flash_attention: 'llm.load.llama.flashAttention',
  num_experts: 'llm.load.numExperts',
  offload_kv_cache_to_gpu: 'llm.load.offloadKVCacheToGpu',
};

/** `GET /api/v1/models`. */
export function listModels(lab: LabServer, { response }: Exchange): void {
  const models = lab.engine.catalog.map((model) => restModel(lab, model));
  const [first] = models;
  const strange = lab.faults.unknownModelType && first !== undefined ? [{ ...first, type: 'drafter' }] : [];
  replyJson(response, 200, { models: [...models, ...strange] });
}

/** `POST /api/v1/models/load`. */
export async function loadModel(lab: LabServer, { body, response, signal }: Exchange): Promise<void> {
  const unknown = unknownKeys(body, ['model', 'echo_load_config', ...Object.keys(LOAD_KEYS)]);
  if (unknown !== null) throw unknown;
  const key = textAt(body, 'model');
  if (key === undefined) throw missingParameter('model');
  const model = lab.engine.find(key);
  const start_s = lab.clock.now_s();
  const requested = loadSettingsOf(body);
  const instance = await lab.engine.load({ model, requested, ttl_s: null, justInTime: false, signal });
  if (instance === null) return;
  replyJson(response, 200, {
    type: model.type,
    instance_id: instance.origin.identifier,
    load_time_seconds: lab.clock.now_s() - start_s,
    status: 'loaded',
    ...(booleanAt(body, 'echo_load_config') === true ? { load_config: restSettings(instance) } : {}),
  });
}

/** `POST /api/v1/models/unload`. */
export function unloadModel(lab: LabServer, { body, response }: Exchange): void {
  const unknown = unknownKeys(body, ['instance_id']);
  if (unknown !== null) throw unknown;
  const identifier = textAt(body, 'instance_id');
  if (identifier === undefined) throw missingParameter('instance_id');
  lab.engine.unload(identifier);
  replyJson(response, 200, { instance_id: identifier });
}

/** Settings that a REST body asks for, by wire key. */
export function loadSettingsOf(body: JsonRecord): Settings {
  const given = Object.entries(LOAD_KEYS).filter(([name]) => body[name] !== undefined);
  return Object.fromEntries(given.map(([name, key]) => [key, body[name]]));
}

function restModel(lab: LabServer, model: LabModel): JsonRecord {
  const instances = lab.engine.loaded().filter(({ origin }) => origin.model === model);
  const reasoning = { allowed_options: ['off', 'on'], default: 'on' };
  const llm = {
    architecture: model.architecture,
    capabilities: {
      vision: model.vision,
      trained_for_tool_use: model.toolUse,
      ...(model.reasoning_tok === undefined ? {} : { reasoning }),
    },
  };
  return {
    type: model.type,
    publisher: model.publisher,
    key: model.key,
    display_name: model.displayName,
    ...(model.type === 'llm' ? llm : {}),
    quantization: { name: model.quantization.name, bits_per_weight: model.quantization.bits },
    size_bytes: model.size_B,
    params_string: model.params,
    loaded_instances: instances.map((instance) => ({
      id: instance.origin.identifier,
      config: restSettings(instance),
    })),
    max_context_length: model.maxContext_tok,
    format: model.format === 'gguf' ? 'gguf' : 'mlx',
    description: null,
    ...(model.variants === undefined ? {} : { variants: model.variants, selected_variant: model.key }),
  };
}

function restSettings({ origin }: Instance): JsonRecord {
  const { model, settings } = origin;
  if (model.type === 'embedding') return { context_length: contextOf_tok(model, settings) };
  const named = Object.entries(LOAD_KEYS).filter(([, key]) => settings[key] !== undefined);
  return {
    ...Object.fromEntries(named.map(([name, key]) => [name, settings[key]])),
    parallel: settings['llm.load.numParallelSessions'],
  };
}
