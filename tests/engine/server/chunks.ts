import type { Facts, Progress, Step, Work } from './order.ts';

/** What all chunks of one answer say. */
export interface ChunkHead {
  readonly id: string;
  readonly model: string;
  /** Seconds since 1970. */
  readonly created: number;
}

type Json = Readonly<Record<string, unknown>>;

/** `{"role":"assistant","content":null}`, as llama-server begins. */
export function firstChunk(head: ChunkHead): Json {
  return chunk(head, [choice({ role: 'assistant', content: null }, null)]);
}

export function textChunk(head: ChunkHead, step: Step, withTimings: boolean): Json {
  const text = chunk(head, [choice({ content: step.text }, null)]);
  return withTimings ? { ...text, timings: timingsOf(step) } : text;
}

export function progressChunk(head: ChunkHead, progress: Progress): Json {
  const { cached_tok, processed_tok, time_ms, total_tok } = progress;
  return {
    ...chunk(head, [choice({ role: 'assistant', content: null }, null)]),
    // `processed` counts the cached ones too.
    prompt_progress: {
      total: total_tok,
      cache: cached_tok,
      processed: cached_tok + processed_tok,
      time_ms: Math.round(time_ms),
    },
  };
}

export function finishChunk(head: ChunkHead, reason: 'length' | 'stop'): Json {
  return chunk(head, [choice({}, reason)]);
}

/** `usage` on a chunk without choices, with `timings` beside it. */
export function usageChunk(head: ChunkHead, step: Step): Json {
  const prompt_tokens = step.cached_tok + step.prompt_tok;
  return {
    ...chunk(head, []),
    usage: {
      completion_tokens: step.predicted_tok,
      prompt_tokens,
      total_tokens: prompt_tokens + step.predicted_tok,
      prompt_tokens_details: { cached_tokens: step.cached_tok },
    },
    timings: timingsOf(step),
  };
}

/** Source of the names: llama.cpp tools/server/README.md, timings. */
export function timingsOf({ cached_tok, predicted_ms, predicted_tok, prompt_ms, prompt_tok }: Step): Json {
  return {
    cache_n: cached_tok,
    prompt_n: prompt_tok,
    prompt_ms,
    prompt_per_token_ms: prompt_ms / prompt_tok,
    prompt_per_second: (prompt_tok / prompt_ms) * 1000,
    predicted_n: predicted_tok,
    predicted_ms,
    predicted_per_token_ms: predicted_ms / predicted_tok,
    predicted_per_second: predicted_ms === 0 ? 0 : (predicted_tok / predicted_ms) * 1000,
  };
}

/** GET /v1/models. */
export function modelList(models: readonly Facts[]): Json {
  return {
    object: 'list',
    data: models.map(({ name, params, size_B, trainContext_tok }) => ({
      id: name,
      object: 'model',
      created: 0,
      owned_by: 'llamacpp',
      status: { value: 'loaded' },
      meta: { n_params: params, size: size_B, n_ctx_train: trainContext_tok },
    })),
  };
}

/** GET /props. A path is said where there is one model that it could be of. */
export function propsOf(models: readonly Facts[], build: string): Json {
  const contexts = models.map(({ context_tok }) => context_tok);
  const [only, ...others] = models;
  return {
    default_generation_settings: { n_ctx: Math.min(...contexts), speculative: false },
    total_slots: 1,
    modalities: { vision: false, audio: false },
    build_info: build,
    ...(only === undefined || others.length > 0 ? {} : { model_path: only.path }),
  };
}

/** GET /slots: one, since one request is worked on at a time. */
export function slotsOf({ busy, decoded_tok }: Work): readonly Json[] {
  return [{ id: 0, is_processing: busy, next_token: { n_decoded: decoded_tok } }];
}

/** GET /metrics. Source of the names: llama.cpp tools/server/README.md. */
export function metricsOf({ busy, waiting }: Work): string {
  return `llamacpp:requests_processing ${busy ? 1 : 0}\nllamacpp:requests_deferred ${waiting}\n`;
}

function chunk({ created, id, model }: ChunkHead, choices: readonly Json[]): Json {
  return { choices, created, id, model, object: 'chat.completion.chunk' };
}

function choice(delta: Json, finish_reason: string | null): Json {
  return { finish_reason, index: 0, delta };
}
