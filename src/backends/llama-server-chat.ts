import type { CompletionRequest } from './backend.ts';
import { messagesOf } from './chat-stream.ts';
import type { JsonObject } from './json.ts';

/** What a request may be told beyond the settings that all backends share. */
export interface ChatExtras {
  /** Goes on past the model's own end, so that every answer has the length asked for. */
  readonly ignoreEos: boolean;
  /** Lets the server reuse what earlier prompts left in its slots. */
  readonly cachePrompt: boolean;
}

/**
 * Body of POST /v1/chat/completions. `timings_per_token` gives the count of each delta; `return_progress` is a sign of
 * life during a long prompt. Builds that do not know a field pass it over. Source: llama.cpp tools/server/README.md.
 */
export function chatBody(request: CompletionRequest, { ignoreEos, cachePrompt }: ChatExtras): JsonObject {
  const { model, prompt, inference } = request;
  const { temperature, topP, topK, minP, repeatPenalty, seed } = inference;
  return {
    model: model.identifier,
    messages: messagesOf(request),
    stream: true,
    stream_options: { include_usage: true },
    max_tokens: inference.maxOutput_tok ?? prompt.maxOutput_tok,
    cache_prompt: cachePrompt,
    timings_per_token: true,
    return_progress: true,
    ...(ignoreEos ? { ignore_eos: true } : {}),
    ...(temperature === null ? {} : { temperature }),
    ...(topP === null ? {} : { top_p: topP }),
    ...(topK === null ? {} : { top_k: topK }),
    ...(minP === null ? {} : { min_p: minP }),
    ...(repeatPenalty === null ? {} : { repeat_penalty: repeatPenalty }),
    ...(seed === null ? {} : { seed }),
  };
}
