import type { Clock } from '../../core/clock.ts';
import type { Seconds } from '../../core/units.ts';
import type { Answer, AnswerToken, LabStopReason } from './answer.ts';
import type { LabModel } from './catalog.ts';

/** Prompt tokens: `cached` needed no work, `processed` are done, `left` are to do. */
export interface PromptProgress {
  readonly cached_tok: number;
  readonly processed_tok: number;
  readonly left_tok: number;
}

/** A request's life as it was; the source of every statistic that the stand-in gives. */
export interface PredictionOutcome {
  readonly stopReason: LabStopReason;
  readonly stopString: string | null;
  readonly prompt_tok: number;
  readonly cached_tok: number;
  readonly output_tok: number;
  readonly reasoning_tok: number;
  readonly requested_s: Seconds;
  /** Null: stopped before. */
  readonly promptStart_s: Seconds | null;
  readonly firstToken_s: Seconds | null;
  readonly lastToken_s: Seconds | null;
  readonly ended_s: Seconds;
  /** Null: nothing was drafted. */
  readonly draft: DraftOutcome | null;
  /** Passes of the model after the first token, and until when they took: what tokens/s is the quotient of. */
  readonly passes: number;
  readonly passesEnd_s: Seconds;
}

/** What a small model proposed of the answer, and what of it was taken. */
export interface DraftOutcome {
  readonly modelKey: string;
  readonly draft_tok: number;
  readonly accepted_tok: number;
}

export type PredictionEvent =
  | { readonly type: 'prompt'; readonly progress: PromptProgress }
  | { readonly type: 'token'; readonly token: AnswerToken; readonly index: number }
  | { readonly type: 'end'; readonly outcome: PredictionOutcome };

/** Waits until `at_s`, at once when it has passed; false when aborted meanwhile. */
export async function reached(clock: Clock, at_s: Seconds, signal: AbortSignal): Promise<boolean> {
  if (signal.aborted) return false;
  const wait_s = at_s - clock.now_s();
  if (wait_s <= 0) {
    // Other connections get their turn, however late this one is.
    await new Promise<void>((resolve) => setImmediate(resolve));
    return !signal.aborted;
  }
  try {
    await clock.sleep(wait_s, signal);
    return true;
  } catch (cause) {
    if (signal.aborted) return false;
    throw cause;
  }
}

/**
 * Prompt batch by batch. Each place of the schedule counts from the start, so that a late timer delays one event and
 * not those after it:
 * `start ─ batch/rate ─ 2·batch/rate ─ … ─ rest/rate`
 */
export async function* promptProgress(
  work: { readonly prompt_tok: number; readonly cached_tok: number; readonly batch_tok: number },
  pace: { readonly clock: Clock; readonly rate_tokPerS: number; readonly signal: AbortSignal },
): AsyncGenerator<PromptProgress, boolean> {
  const start_s = pace.clock.now_s();
  const rest_tok = work.prompt_tok - work.cached_tok;
  yield { cached_tok: work.cached_tok, processed_tok: 0, left_tok: rest_tok };
  for (let done_tok = 0; done_tok < rest_tok; ) {
    done_tok = Math.min(rest_tok, done_tok + work.batch_tok);
    if (!(await reached(pace.clock, start_s + done_tok / pace.rate_tokPerS, pace.signal))) return false;
    yield { cached_tok: work.cached_tok, processed_tok: done_tok, left_tok: rest_tok - done_tok };
  }
  return !pace.signal.aborted;
}

/**
 * Each token at its offset from the start: the prompt's last pass gives the first token, each further pass one more, or
 * several that were drafted. A model that ends by itself needs one pass to say so; a limit needs none. False when aborted.
 */
export async function* answerTokens(
  answer: Answer,
  pace: { readonly clock: Clock; readonly offsets_s: readonly Seconds[]; readonly signal: AbortSignal },
): AsyncGenerator<AnswerToken, boolean> {
  const start_s = pace.clock.now_s();
  for (const [index, token] of answer.tokens.entries()) {
    const at_s = start_s + (pace.offsets_s[index] ?? 0);
    if (index > 0 && !(await reached(pace.clock, at_s, pace.signal))) return false;
    if (pace.signal.aborted) return false;
    yield token;
  }
  if (!endsWithPass(answer)) return true;
  return reached(pace.clock, start_s + (pace.offsets_s[answer.tokens.length] ?? 0), pace.signal);
}

/** Whether the last thing the model did was a pass that gave no token to show. */
export function endsWithPass(answer: Answer): boolean {
  return answer.stopReason === 'eosFound' || answer.stopReason === 'stopStringFound';
}

/** True when decoding takes any time at all. */
export function decodes(answer: Answer): boolean {
  return answer.tokens.length - 1 + (endsWithPass(answer) ? 1 : 0) > 0;
}

export function isLocal(model: LabModel): boolean {
  return model.deviceIdentifier === null;
}
