import type { Clock } from '../core/clock.ts';
import type { ErrorCode } from '../core/errors.ts';
import type { Completion, StopReason, TokenDelta } from '../core/run.ts';
import type { Seconds } from '../core/units.ts';

/** Counts that a server states; null where it says nothing. */
export interface Counts {
  readonly input_tok: number | null;
  readonly cached_tok: number | null;
  readonly output_tok: number | null;
  readonly reasoning_tok: number | null;
  readonly draft_tok: number | null;
  readonly accepted_tok: number | null;
}

export const NO_COUNTS: Counts = {
  input_tok: null,
  cached_tok: null,
  output_tok: null,
  reasoning_tok: null,
  draft_tok: null,
  accepted_tok: null,
};

/** How an answer ended. `code` is one of ErrorCode, or MODEL_MISMATCH when another model answered. */
export interface Ending {
  readonly counts: Counts;
  readonly stopReason: StopReason;
  readonly serverStatistics: Readonly<Record<string, unknown>>;
  readonly error: { readonly code: ErrorCode | 'MODEL_MISMATCH'; readonly message: string } | null;
}

/** Servers round their durations to microseconds. */
const ROUNDING_s = 2e-6;

/** Gathers what arrives while an answer streams; each stamp is taken in the callback that brings it. */
export interface Collector {
  sent(at_s: Seconds): void;
  promptStarted(at_s: Seconds): void;
  promptEnded(at_s: Seconds): void;
  /** Both edges of the prompt at once, placed by a server's durations; a window that began before the request was sent is none. */
  promptWithin(start_s: Seconds, end_s: Seconds): void;
  token(delta: TokenDelta, text: string): void;
  /** Times and text as gathered, with the counts of the ending, or of the deltas where the server gave none. */
  finish(ending: Ending, ended_s: Seconds): Completion;
}

export interface CollectorOptions {
  readonly promptId: string;
  readonly clock: Clock;
  readonly onToken?: (delta: TokenDelta) => void;
}

export function createCollector({ promptId, clock, onToken }: CollectorOptions): Collector {
  let requested_s = clock.now_s();
  let promptStart_s: Seconds | null = null;
  let promptEnd_s: Seconds | null = null;
  const tokens: TokenDelta[] = [];
  const texts: string[] = [];
  return {
    sent: (at_s) => {
      requested_s = at_s;
    },
    promptStarted: (at_s) => {
      promptStart_s ??= at_s;
    },
    promptEnded: (at_s) => {
      promptEnd_s ??= at_s;
    },
    promptWithin: (start_s, end_s) => {
      if (requested_s - start_s > ROUNDING_s || end_s <= start_s) return;
      promptStart_s ??= Math.max(start_s, requested_s);
      promptEnd_s ??= end_s;
    },
    token: (delta, text) => {
      tokens.push(delta);
      if (delta.sort === 'content') texts.push(text);
      onToken?.(delta);
    },
    finish: ({ counts, ...ending }, ended_s) => ({
      promptId,
      requested_s,
      promptStart_s,
      promptEnd_s,
      tokens,
      firstToken_s: tokens[0]?.arrival_s ?? null,
      lastToken_s: tokens.at(-1)?.arrival_s ?? null,
      ended_s,
      ...counts,
      ...outputOf(tokens, counts.output_tok),
      text: texts.join(''),
      ...ending,
    }),
  };
}

/** The server's count; else the deltas' own; else their number; else nothing is known. */
function outputOf(
  tokens: readonly TokenDelta[],
  stated_tok: number | null,
): Pick<Completion, 'output_tok' | 'tokenSource'> {
  if (stated_tok !== null) return { output_tok: stated_tok, tokenSource: 'server' };
  if (tokens.length === 0) return { output_tok: null, tokenSource: null };
  const counted = tokens.reduce<number | null>(
    (sum, { count_tok }) => (sum === null || count_tok === null ? null : sum + count_tok),
    0,
  );
  if (counted !== null) return { output_tok: counted, tokenSource: 'sdk' };
  return { output_tok: tokens.length, tokenSource: 'chunks' };
}

/** Tokens of reasoning deltas; null where some delta does not say how many it carries. */
export function reasoningTokens(tokens: readonly TokenDelta[]): number | null {
  let sum_tok = 0;
  for (const { sort, count_tok } of tokens) {
    if (count_tok === null) return null;
    if (sort === 'reasoning') sum_tok += count_tok;
  }
  return sum_tok;
}
