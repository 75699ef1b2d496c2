import type { KVConfig, LLMLoadModelConfig, LLMPredictionConfigInput } from '@lmstudio/sdk';
import { given } from '../core/given.ts';
import type { LoadSettings, Setting } from '../core/run.ts';
import type { CompletionRequest } from './backend.ts';
import { isObject, objectsAt, textAt } from './json.ts';
import { flattened, requestedLoad, settingsBeside } from './settings.ts';

/** Wire names of what we name ourselves. Source: lmstudio-js, llmLoadSchematics. */
const OUR_NAMES: Readonly<Record<string, string>> = {
  contextLength: 'context_tok',
  'llama.acceleration.offloadRatio': 'gpuOffload',
  'llama.flashAttention': 'flashAttention',
  numParallelSessions: 'parallel',
  'llama.evalBatchSize': 'batch_tok',
  'llama.physicalBatchSize': 'physicalBatch_tok',
  'llama.ropeFrequencyBase': 'ropeBase',
  'llama.ropeFrequencyScale': 'ropeScale',
  'llama.tryMmap': 'mmap',
  'llama.keepModelInMemory': 'mlock',
  'llama.kCacheQuantizationType': 'kCacheType',
  'llama.vCacheQuantizationType': 'vCacheType',
  useUnifiedKvCache: 'unifiedKvCache',
};
const WIRE_PREFIX = /^(?:llm\.)?load\./;

/** Load settings that this server can apply; threads are a setting of each prediction there. */
export const LOAD_SETTINGS: readonly string[] = [...Object.values(OUR_NAMES), 'threads'];

/** Only what was asked for: the rest stays as the person set it in LM Studio. */
export function loadConfig(load: LoadSettings): LLMLoadModelConfig {
  return given({
    contextLength: load.context_tok,
    gpu: load.gpuOffload === null ? null : { ratio: load.gpuOffload },
    flashAttention: load.flashAttention,
    maxParallelPredictions: load.parallel,
    evalBatchSize: load.batch_tok,
    physicalBatchSize: load.physicalBatch_tok,
    ropeFrequencyBase: load.ropeBase,
    ropeFrequencyScale: load.ropeScale,
    tryMmap: load.mmap,
    keepModelInMemory: load.mlock,
    llamaKCacheQuantizationType: load.kCacheType,
    llamaVCacheQuantizationType: load.vCacheType,
    useUnifiedKvCache: load.unifiedKvCache,
  });
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

/** Wire names of inference settings; the length of an answer is the prompt's own. Source: lmstudio-js, llmPredictionSchematics. */
const OUR_INFERENCE_NAMES: Readonly<Record<string, string>> = {
  'llm.prediction.temperature': 'temperature',
  'llm.prediction.topPSampling': 'topP',
  'llm.prediction.topKSampling': 'topK',
  'llm.prediction.minPSampling': 'minP',
  'llm.prediction.repeatPenalty': 'repeatPenalty',
  'llm.prediction.seed': 'seed',
  'llm.prediction.stopStrings': 'stop',
  'llm.prediction.speculativeDecoding.draftModel': 'draftModel',
};

/** The server's `{fields: [{key, value}]}` of a prediction under our names; what we have no name for is left out. */
export function inferenceInForce(config: unknown): Record<string, string | number | boolean | null> {
  if (!isObject(config)) return {};
  const known = objectsAt(config, 'fields').flatMap((field): [string, unknown][] => {
    const name = OUR_INFERENCE_NAMES[textAt(field, 'key') ?? ''];
    return name === undefined ? [] : [[name, unticked(field['value'])]];
  });
  return flattened(Object.fromEntries(known), {});
}

/**
 * The prompt's own limit stands unless the settings have one. `stopAtLimit`: a context that rolled over would no longer be
 * the prompt that is measured. The SDK has no seed for a prediction, but the schema has the key.
 */
export function predictionConfig({ inference, model, prompt }: CompletionRequest): LLMPredictionConfigInput {
  const { temperature, topP, topK, minP, repeatPenalty, seed, stop, draftModel } = inference;
  return {
    maxTokens: inference.maxOutput_tok ?? prompt.maxOutput_tok,
    contextOverflowPolicy: 'stopAtLimit',
    ...given({
      temperature,
      topPSampling: topP,
      topKSampling: topK,
      minPSampling: minP,
      repeatPenalty,
      raw: seed === null ? null : seedField(seed),
      stopStrings: stop === null || stop === undefined ? null : [...stop],
      draftModel,
      cpuThreads: threadsOf(model.settings),
    }),
  };
}

/** As asked for when the model was loaded: this server takes them with each prediction. */
function threadsOf(settings: readonly Setting[]): number | null {
  const requested = settings.find(({ name }) => name === 'threads')?.requested ?? null;
  return typeof requested === 'number' ? requested : null;
}

function seedField(seed: number): KVConfig {
  return { fields: [{ key: 'llm.prediction.seed', value: { checked: true, value: seed } }] };
}
