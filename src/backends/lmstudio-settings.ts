import type { KVConfig, LLMLoadModelConfig, LLMPredictionConfigInput } from '@lmstudio/sdk';
import type { InferenceSettings, LoadSettings, Prompt, Setting } from '../core/run.ts';
import { isObject, objectsAt, textAt } from './json.ts';
import { flattened, requestedLoad, settingsBeside } from './settings.ts';

/** Wire names of what we name ourselves. Source: lmstudio-js, llmLoadSchematics. */
const OUR_NAMES: Readonly<Record<string, string>> = {
  contextLength: 'context_tok',
  'llama.acceleration.offloadRatio': 'gpuOffload',
  'llama.flashAttention': 'flashAttention',
  numParallelSessions: 'parallel',
};
const WIRE_PREFIX = /^(?:llm\.)?load\./;

/** Only what was asked for: the rest stays as the person set it in LM Studio. */
export function loadConfig(load: LoadSettings): LLMLoadModelConfig {
  return {
    ...(load.context_tok === null ? {} : { contextLength: load.context_tok }),
    ...(load.gpuOffload === null ? {} : { gpu: { ratio: load.gpuOffload } }),
    ...(load.flashAttention === null ? {} : { flashAttention: load.flashAttention }),
    ...(load.parallel === null ? {} : { maxParallelPredictions: load.parallel }),
  };
}

/** `effective`: the server's `{fields: [{key, value}]}`; null where it could not be read. */
export function loadSettings(load: LoadSettings, effective: unknown): Setting[] {
  if (!isObject(effective)) return settingsBeside(requestedLoad(load), null);
  const fields = objectsAt(effective, 'fields').map((field): [string, unknown] => [
    (textAt(field, 'key') ?? '').replace(WIRE_PREFIX, ''),
    unticked(field['value']),
  ]);
  return settingsBeside(requestedLoad(load), flattened(Object.fromEntries(fields), OUR_NAMES));
}

/** A setting behind a tick box: its value, or false where the box is not ticked. */
function unticked(value: unknown): unknown {
  if (!isObject(value) || typeof value['checked'] !== 'boolean') return value;
  return value['checked'] && value['value'];
}

/**
 * The prompt's own limit stands unless the settings have one. `stopAtLimit`: a context that rolled over would no longer be
 * the prompt that is measured. The SDK has no seed for a prediction, but the schema has the key.
 */
export function predictionConfig(inference: InferenceSettings, prompt: Prompt): LLMPredictionConfigInput {
  const { temperature, topP, topK, minP, repeatPenalty, seed } = inference;
  return {
    maxTokens: inference.maxOutput_tok ?? prompt.maxOutput_tok,
    contextOverflowPolicy: 'stopAtLimit',
    ...(temperature === null ? {} : { temperature }),
    ...(topP === null ? {} : { topPSampling: topP }),
    ...(topK === null ? {} : { topKSampling: topK }),
    ...(minP === null ? {} : { minPSampling: minP }),
    ...(repeatPenalty === null ? {} : { repeatPenalty }),
    ...(seed === null ? {} : { raw: seedField(seed) }),
  };
}

function seedField(seed: number): KVConfig {
  return { fields: [{ key: 'llm.prediction.seed', value: { checked: true, value: seed } }] };
}
