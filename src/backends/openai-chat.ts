import type { CompletionRequest } from './backend.ts';
import { type ChatQuirks, messagesOf, type WholeAnswer } from './chat-stream.ts';
import type { Counts } from './completion.ts';
import type { JsonObject } from './json.ts';
import type { Variant } from './openai-variants.ts';

/** Body of POST /v1/chat/completions: only what was asked for, in the server's own words. */
export function openAiBody(request: CompletionRequest, { names }: Variant): JsonObject {
  const { model, prompt, inference } = request;
  const { maxOutput_tok, ...sampling } = inference;
  const values = new Map<string, unknown>(Object.entries(sampling));
  const settings = Object.entries(names).flatMap(([name, wire]) => {
    const value = values.get(name) ?? null;
    return value === null ? [] : [[wire, value]];
  });
  return {
    model: model.identifier,
    messages: messagesOf(request),
    stream: true,
    stream_options: { include_usage: true },
    max_tokens: maxOutput_tok ?? prompt.maxOutput_tok,
    ...Object.fromEntries(settings),
  };
}

/** How the counts of this kind of server are read. */
export function quirksOf({ shortAtLimit }: Variant): ChatQuirks {
  return shortAtLimit ? { correct: withoutShortCount } : {};
}

/**
 * A count one short of the limit that ended the answer, where as many deltas arrived as were allowed: the deltas are
 * counted instead, and the completion says so (`tokenSource: chunks`). The server's count stays in its statistics. Reasoning
 * is short by the same token where the answer never got past it. Source: LM Studio bug tracker, issue 2335.
 */
function withoutShortCount(counts: Counts, { stopReason, deltas, limit_tok }: WholeAnswer): Counts {
  if (stopReason !== 'length' || counts.output_tok !== limit_tok - 1 || deltas !== limit_tok) return counts;
  const onlyReasoning = counts.reasoning_tok !== null && counts.reasoning_tok === counts.output_tok;
  return {
    ...counts,
    output_tok: null,
    reasoning_tok: onlyReasoning && counts.reasoning_tok > 0 ? limit_tok : counts.reasoning_tok,
  };
}
