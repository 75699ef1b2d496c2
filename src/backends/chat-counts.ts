import type { TokenSort } from '../core/run.ts';
import type { Counts } from './completion.ts';
import { countAt, type JsonObject, objectAt } from './json.ts';

/** Counts of one streamed chat, from whichever chunk brings them. */
export interface ChatCounts {
  take(chunk: JsonObject): void;
  /** Tokens of the delta that has just come: what `predicted_n` grew by since the last one; null where no chunk says. */
  delta(sort: TokenSort): number | null;
  deltas(): number;
  counts(): Counts;
  /** `usage` and `timings` as they came last, verbatim. */
  statistics(): JsonObject;
}

/**
 * Sources: OpenAI API reference, `usage`; llama.cpp tools/server/README.md, `timings` (with `timings_per_token` on every
 * chunk) and `prompt_progress`. Where both speak, `usage` has the word on totals, `timings` on the cache.
 */
export function createChatCounts(): ChatCounts {
  let usage: JsonObject = {};
  let timings: JsonObject = {};
  let progress: JsonObject = {};
  let told_tok = 0;
  let deltas = 0;
  let reasoning_tok: number | null = 0;
  return {
    take: (chunk) => {
      usage = objectAt(chunk, 'usage') ?? usage;
      timings = objectAt(chunk, 'timings') ?? timings;
      progress = objectAt(chunk, 'prompt_progress') ?? progress;
    },
    delta: (sort) => {
      deltas += 1;
      const predicted_tok = countAt(timings, 'predicted_n');
      const count_tok = predicted_tok === null ? null : predicted_tok - told_tok;
      told_tok = predicted_tok ?? told_tok;
      if (count_tok === null) reasoning_tok = null;
      else if (sort === 'reasoning' && reasoning_tok !== null) reasoning_tok += count_tok;
      return count_tok;
    },
    deltas: () => deltas,
    counts: () => {
      const prompt = objectAt(usage, 'prompt_tokens_details') ?? {};
      const output = objectAt(usage, 'completion_tokens_details') ?? {};
      return {
        input_tok: countAt(usage, 'prompt_tokens') ?? promptOf(timings) ?? countAt(progress, 'total'),
        cached_tok:
          countAt(timings, 'cache_n') ?? countAt(prompt, 'cached_tokens') ?? countAt(progress, 'cache'),
        output_tok: countAt(usage, 'completion_tokens') ?? countAt(timings, 'predicted_n'),
        reasoning_tok: countAt(output, 'reasoning_tokens') ?? (deltas > 0 ? reasoning_tok : null),
        draft_tok: countAt(timings, 'draft_n'),
        accepted_tok: countAt(timings, 'draft_n_accepted'),
      };
    },
    statistics: () => ({
      ...(Object.keys(usage).length === 0 ? {} : { usage }),
      ...(Object.keys(timings).length === 0 ? {} : { timings }),
    }),
  };
}

/** Whole prompt: what was processed and what was reused. Null where old builds leave `cache_n` out. */
function promptOf(timings: JsonObject): number | null {
  const processed_tok = countAt(timings, 'prompt_n');
  const cached_tok = countAt(timings, 'cache_n');
  return processed_tok === null || cached_tok === null ? null : processed_tok + cached_tok;
}
