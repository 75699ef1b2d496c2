import type { LabModel } from './catalog.ts';
import type { JsonRecord } from './json.ts';
import { numberAt, recordAt, recordsAt, textAt } from './json.ts';

/** Settings by wire key, as the SDK's `fields` carry them. */
export type Settings = Readonly<Record<string, unknown>>;

const DEFAULT_CONTEXT_TOK = 4096;
const EMBEDDING_CONTEXT_TOK = 2048;

/** Source: LM Studio's defaults as the SDK's schema and the REST documentation give them. */
const LLM_LOAD_DEFAULTS: Settings = {
  'llm.load.contextLength': DEFAULT_CONTEXT_TOK,
  'llm.load.numParallelSessions': 4,
  'llm.load.useUnifiedKvCache': true,
  'llm.load.offloadKVCacheToGpu': true,
  'llm.load.llama.autoFit': false,
  'llm.load.llama.acceleration.offloadRatio': 'max',
  'llm.load.llama.flashAttention': true,
  'llm.load.llama.evalBatchSize': 512,
};

const EMBEDDING_LOAD_DEFAULTS: Settings = {
  'embedding.load.contextLength': EMBEDDING_CONTEXT_TOK,
  'embedding.load.llama.acceleration.offloadRatio': 'max',
};

export const PREDICTION_DEFAULTS: Settings = {
  'llm.prediction.temperature': 0.8,
  'llm.prediction.maxPredictedTokens': { checked: false, value: 1000 },
  'llm.prediction.topKSampling': 40,
  'llm.prediction.topPSampling': { checked: true, value: 0.95 },
  'llm.prediction.minPSampling': { checked: true, value: 0.05 },
  'llm.prediction.repeatPenalty': { checked: true, value: 1.1 },
  'llm.prediction.stopStrings': [],
};

/** All layers of a `KVConfigStack` as one; a later layer wins. */
export function settingsOfStack(stack: JsonRecord): Settings {
  const fields = recordsAt(stack, 'layers').flatMap((layer) =>
    recordsAt(recordAt(layer, 'config'), 'fields'),
  );
  return Object.fromEntries(fields.map((field) => [textAt(field, 'key') ?? '', field['value']]));
}

/** As a `KVConfig`. */
export function fieldsOf(settings: Settings): { fields: { key: string; value: unknown }[] } {
  return { fields: Object.entries(settings).map(([key, value]) => ({ key, value })) };
}

/** What is in force after a load: defaults, then what was asked for, then what the server insists on. */
export function effectiveLoad(model: LabModel, requested: Settings, insisted: Settings): Settings {
  const defaults = model.type === 'llm' ? LLM_LOAD_DEFAULTS : EMBEDDING_LOAD_DEFAULTS;
  const settings = { ...defaults, ...requested, ...insisted };
  const key = `${model.type}.load.contextLength`;
  const context_tok = Math.min(numberAt(settings, key) ?? DEFAULT_CONTEXT_TOK, model.maxContext_tok);
  return { ...settings, [key]: context_tok };
}

export function contextOf_tok(model: LabModel, settings: Settings): number {
  return numberAt(settings, `${model.type}.load.contextLength`) ?? model.maxContext_tok;
}

export function parallelOf(settings: Settings): number {
  return Math.max(1, numberAt(settings, 'llm.load.numParallelSessions') ?? 1);
}

export function batchOf_tok(settings: Settings): number {
  return Math.max(1, numberAt(settings, 'llm.load.llama.evalBatchSize') ?? 512);
}

/** Limits that a prediction's settings set; null: none. */
export function maxOutputOf_tok(settings: Settings): number | null {
  const limit = recordAt(settings, 'llm.prediction.maxPredictedTokens');
  return limit['checked'] === true ? (numberAt(limit, 'value') ?? null) : null;
}

export function stopStringsOf(settings: Settings): string[] {
  const stops = settings['llm.prediction.stopStrings'];
  return Array.isArray(stops) ? stops.filter((stop) => typeof stop === 'string') : [];
}
