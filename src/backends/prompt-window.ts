import { S_PER_MS, type Seconds } from '../core/units.ts';
import type { Collector } from './completion.ts';
import { type JsonObject, numberAt } from './json.ts';

/**
 * Where the prompt was processed, on our clock. Measured: arrival times. The server's: the durations. Derived: their
 * difference. llama.cpp ends `prompt_ms` and begins `predicted_ms` at the sampling of the first token, so
 * `arrival − predicted_ms` of any chunk, and the first token's own arrival, are the prompt's end plus a delay on the road
 * that is never negative: the least of them is the closest. The start lies `prompt_ms` before it.
 * Progress chunks' `time_ms` is not used: builds are about that send it in another unit.
 */
export interface PromptWindow {
  /** The `timings` that came with a chunk. */
  take(timings: JsonObject, at_s: Seconds): void;
  tokenAt(at_s: Seconds): void;
  /** Tells the collector both edges, or neither where the server gave no duration. */
  tell(collector: Collector): void;
}

export function createPromptWindow(): PromptWindow {
  let end_s: Seconds | null = null;
  let prompt_s: Seconds | null = null;
  const endBy = (at_s: Seconds): void => {
    end_s = Math.min(end_s ?? at_s, at_s);
  };
  return {
    take: (timings, at_s) => {
      const predicted_ms = numberAt(timings, 'predicted_ms');
      const prompt_ms = numberAt(timings, 'prompt_ms');
      if (prompt_ms !== null && prompt_ms > 0) prompt_s = prompt_ms * S_PER_MS;
      if (predicted_ms !== null && predicted_ms >= 0) endBy(at_s - predicted_ms * S_PER_MS);
    },
    tokenAt: endBy,
    tell: (collector) => {
      if (end_s !== null && prompt_s !== null) collector.promptWithin(end_s - prompt_s, end_s);
    },
  };
}
