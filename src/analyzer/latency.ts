import type { Latency } from '../core/result.ts';
import type { Completion } from '../core/run.ts';
import type { Seconds } from '../core/units.ts';
import { tokenCounts } from './token-counts.ts';

/** Times and rates of one completion; the server's own figures stay in `serverStatistics`. Source: METHOD §1. */
export function latencyOf(completion: Completion): Latency {
  const { requested_s, promptStart_s, promptEnd_s, firstToken_s, lastToken_s, ended_s } = completion;
  const counts = tokenCounts(completion);
  const ttft_s = span_s(requested_s, firstToken_s);
  const served_s = span_s(promptStart_s, promptEnd_s);
  const prefill_s = served_s ?? ttft_s;
  const decode_s = span_s(firstToken_s, lastToken_s);
  const answer = completion.tokens.find((token) => token.sort !== 'reasoning');
  return {
    ttft_s,
    ttfo_s: span_s(requested_s, answer?.arrival_s ?? null),
    queue_s: span_s(requested_s, promptStart_s),
    prefill_s,
    prefillSource: served_s !== null ? 'server' : ttft_s !== null ? 'ttft' : null,
    tpot_s: ratio(decode_s, counts.decode_tok),
    duration_s: ended_s - requested_s,
    decode_tok: counts.decode_tok,
    decodeSource: counts.decodeSource,
    prefillTokPerS: counts.prefill_tok === 0 ? null : ratio(counts.prefill_tok, prefill_s),
    decodeTokPerS: ratio(counts.decode_tok, decode_s),
  };
}

/** Quotient, or null where either is unknown or the divisor is not above zero. */
export function ratio(over: number | null, under: number | null): number | null {
  return over === null || under === null || !(under > 0) ? null : over / under;
}

function span_s(from_s: Seconds | null, to_s: Seconds | null): Seconds | null {
  return from_s === null || to_s === null || to_s < from_s ? null : to_s - from_s;
}
