import { LmpowerError } from '../core/errors.ts';
import type { Completion } from '../core/run.ts';
import type { AnswerLine } from './answer-stream.ts';
import { collectText } from './http.ts';
import { QUESTION_TIMEOUT_s } from './options.ts';

/** Sums over all labels of the counters that we read; a missing one is left out. */
export type Counters = Readonly<Record<string, number>>;

const LIMIT_B = 8 * 1024 * 1024;

/** Ours, and the names that versions have for it. Source: vLLM docs/design/metrics.md. */
const COUNTERS: Readonly<Record<string, readonly string[]>> = {
  requests: ['e2e_request_latency_seconds_count'],
  queue_seconds: ['request_queue_time_seconds_sum'],
  prefill_seconds: ['request_prefill_time_seconds_sum'],
  decode_seconds: ['request_decode_time_seconds_sum'],
  timeToFirstToken_seconds: ['time_to_first_token_seconds_sum'],
  prompt_tokens: ['prompt_tokens_total'],
  generation_tokens: ['generation_tokens_total'],
  prefixCacheHit_tokens: ['prefix_cache_hits_total', 'prefix_cache_hits', 'gpu_prefix_cache_hits_total'],
};
const UNDER_WAY = ['num_requests_running', 'num_requests_waiting'];

/** Values by name, summed over labels. Source: Prometheus text exposition format. */
export function parseMetrics(text: string): Counters {
  const sums: Record<string, number> = {};
  for (const line of text.split('\n')) {
    const [, name = '', value = ''] = /^vllm:(\w+)(?:\{.*\})?\s+(\S+)/.exec(line) ?? [];
    const number = Number(value);
    if (name !== '' && value !== '' && Number.isFinite(number)) sums[name] = (sums[name] ?? 0) + number;
  }
  return sums;
}

/** Null where the server keeps its metrics to itself. @throws {LmpowerError} BACKEND_UNREACHABLE, BACKEND_TIMEOUT, INTERRUPTED */
export async function readMetrics(
  { http, timeout_s }: AnswerLine,
  signal?: AbortSignal,
): Promise<Counters | null> {
  const body = collectText(LIMIT_B);
  const limit_s = Math.min(timeout_s, QUESTION_TIMEOUT_s);
  const request = { method: 'GET', path: '/metrics', accept: 'text/plain', timeout_s: limit_s } as const;
  const { status } = await http.exchange({ ...request, ...(signal && { signal }) }, { onBytes: body.take });
  return status === 200 ? parseMetrics(body.text()) : null;
}

/** Requests that run or wait; null where the server does not say. */
export function requestsUnderWay(metrics: Counters | null): number | null {
  const gauges = UNDER_WAY.map((name) => metrics?.[name]);
  return gauges.every((value) => value === undefined)
    ? null
    : gauges.reduce<number>((sum, value) => sum + (value ?? 0), 0);
}

/** What the server's counters grew by. Null: nothing to compare. */
export function growth(before: Counters | null, after: Counters | null): Counters | null {
  if (before === null || after === null) return null;
  const grown = Object.entries(COUNTERS).flatMap(([ours, theirs]) => {
    const name = theirs.find((one) => after[one] !== undefined);
    return name === undefined ? [] : [[ours, (after[name] ?? 0) - (before[name] ?? 0)]];
  });
  return Object.fromEntries(grown);
}

/**
 * The answer with the server's own times of queue and prefill beside it. The cached tokens are taken from the counters only
 * where this request was the only one that ended meanwhile, and only where its own `usage` says nothing.
 */
export function withGrowth(completion: Completion, grown: Counters | null): Completion {
  if (grown === null) return completion;
  const alone = grown['requests'] === 1;
  const hits_tok = grown['prefixCacheHit_tokens'] ?? null;
  return {
    ...completion,
    cached_tok: completion.cached_tok ?? (alone && completion.error === null ? hits_tok : null),
    serverStatistics: { ...completion.serverStatistics, metrics: grown },
  };
}

/** The counters after an answer; whatever fails here must not cost the answer. */
export async function metricsOrNull(line: AnswerLine): Promise<Counters | null> {
  try {
    return await readMetrics(line);
  } catch (thrown) {
    if (thrown instanceof LmpowerError) return null;
    throw thrown;
  }
}
