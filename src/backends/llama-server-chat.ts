import type { CompletionRequest } from './backend.ts';
import { messagesOf, stopOf } from './chat-stream.ts';
import type { JsonObject } from './json.ts';

/**
 * Body of POST /v1/chat/completions. `timings_per_token` gives the count of each delta; `return_progress` is a sign of
 * life during a long prompt. Unless asked for, nothing that earlier prompts left in the slots is reused. Builds that do not
 * know a field pass it over. Source: llama.cpp tools/server/README.md.
 */
export function chatBody({ model, prompt, system, inference }: CompletionRequest): JsonObject {
  const { temperature, topP, topK, minP, repeatPenalty, seed, stop, ignoreEos, cachePrompt } = inference;
  return {
    model: model.identifier,
    messages: messagesOf({ system, prompt }),
    stream: true,
    stream_options: { include_usage: true },
    max_tokens: inference.maxOutput_tok ?? prompt.maxOutput_tok,
    cache_prompt: cachePrompt ?? false,
    timings_per_token: true,
    return_progress: true,
    ...(ignoreEos === true ? { ignore_eos: true } : {}),
    ...stopOf(stop),
    ...(temperature === null ? {} : { temperature }),
    ...(topP === null ? {} : { top_p: topP }),
    ...(topK === null ? {} : { top_k: topK }),
    ...(minP === null ? {} : { min_p: minP }),
    ...(repeatPenalty === null ? {} : { repeat_penalty: repeatPenalty }),
    ...(seed === null ? {} : { seed }),
  };
}
