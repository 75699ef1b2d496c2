import type { Completion, TokenDelta } from '../core/run.ts';

/** Counts that energies are divided by; null where nobody said. */
export interface TokenCounts {
  readonly output_tok: number | null;
  /** Prompt tokens that were worked on: those of the cache are left out where the server reports them. */
  readonly prefill_tok: number | null;
  /** Tokens that arrived after the first delta. */
  readonly decode_tok: number | null;
  readonly decodeSource: 'deltas' | 'output' | null;
  /** Sum over deltas where each says its count. */
  readonly delta_tok: number | null;
  /** The output count is a count of deltas: no one gave a better one. */
  readonly estimated: boolean;
}

/** Counts of one completion. Source: METHOD §1. */
export function tokenCounts(completion: Completion): TokenCounts {
  const { tokens, input_tok, cached_tok } = completion;
  const delta_tok = summed(tokens);
  const output_tok = completion.output_tok ?? delta_tok ?? (tokens.length > 0 ? tokens.length : null);
  const rest_tok = tokens.length > 0 ? summed(tokens.slice(1)) : null;
  const decode_tok =
    rest_tok ?? (output_tok !== null && tokens.length > 0 ? Math.max(0, output_tok - 1) : null);
  return {
    output_tok,
    prefill_tok: input_tok === null ? null : Math.max(0, input_tok - (cached_tok ?? 0)),
    decode_tok,
    decodeSource: decode_tok === null ? null : rest_tok === null ? 'output' : 'deltas',
    delta_tok,
    estimated: completion.tokenSource === 'chunks' || (completion.output_tok === null && delta_tok === null),
  };
}

function summed(tokens: readonly TokenDelta[]): number | null {
  let sum = 0;
  for (const token of tokens) {
    if (token.count_tok === null) return null;
    sum += token.count_tok;
  }
  return tokens.length === 0 ? null : sum;
}
