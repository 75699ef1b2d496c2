/** A parameter as asked for, as in force, and who said so. */
export interface Setting {
  readonly name: string;
  readonly requested: string | number | boolean | null;
  readonly effective: string | number | boolean | null;
  /** `file`: read from the model's own file. */
  readonly source: 'server' | 'default' | 'file' | 'unknown';
}

/** Inference settings sent with every request. Null or not given: the backend's default, recorded as such. */
export interface InferenceSettings {
  readonly temperature: number | null;
  readonly topP: number | null;
  readonly topK: number | null;
  readonly minP: number | null;
  readonly repeatPenalty: number | null;
  readonly seed: number | null;
  readonly maxOutput_tok: number | null;
  /** Texts that end an answer. */
  readonly stop?: readonly string[] | null;
  /** Goes on past the model's own end, so that every answer has the length asked for. */
  readonly ignoreEos?: boolean | null;
  /** False: nothing that earlier prompts left behind may be reused. */
  readonly cachePrompt?: boolean | null;
  /** Key of the model that drafts tokens for this one. */
  readonly draftModel?: string | null;
}

/** Source: llama.cpp, ggml types that its key and value cache can have. */
export const KV_CACHE_TYPES = ['f32', 'f16', 'q8_0', 'q5_1', 'q5_0', 'iq4_nl', 'q4_1', 'q4_0'] as const;
export type KvCacheType = (typeof KV_CACHE_TYPES)[number];

/** Settings that a model is loaded with. Null or not given: as the server has them. */
export interface LoadSettings {
  readonly context_tok: number | null;
  /** Share of the model on the GPU: 0 to 1, or `max` or `off`. */
  readonly gpuOffload: number | 'max' | 'off' | null;
  readonly flashAttention: boolean | null;
  /** Requests that the server may work on at once. */
  readonly parallel: number | null;
  /** Layers of the model on the GPU. */
  readonly gpuLayers?: number | null;
  /** Prompt tokens that are processed at once. */
  readonly batch_tok?: number | null;
  /** … in one pass of the hardware. */
  readonly physicalBatch_tok?: number | null;
  readonly threads?: number | null;
  /** Base frequency of the rotary position embedding. */
  readonly ropeBase?: number | null;
  readonly ropeScale?: number | null;
  /** The file is mapped into memory, not read. */
  readonly mmap?: boolean | null;
  /** The model is kept from being swapped out. */
  readonly mlock?: boolean | null;
  readonly kCacheType?: KvCacheType | null;
  readonly vCacheType?: KvCacheType | null;
  /** One key and value cache for all parallel requests. */
  readonly unifiedKvCache?: boolean | null;
}
