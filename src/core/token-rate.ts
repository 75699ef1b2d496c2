import type { TrialResult } from './result.ts';

/** Output tokens per second of one request, from its start to its end; null where either is unknown. Source: METHOD §1. */
export function tokenRate(completion: TrialResult['completion']): number | null {
  if (completion === null || completion.output_tok === null) return null;
  const { duration_s } = completion.latency;
  return duration_s > 0 ? completion.output_tok / duration_s : null;
}
