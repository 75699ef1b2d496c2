import type { Completion, Prompt, Trial } from '../core/run.ts';
import type { Seconds } from '../core/units.ts';

/** Until the warm-up has shown better: about what a 7B model at 4 bits does on a laptop. */
const ASSUMED_TokPerS = 40;
/** Reading a short prompt before the first token. */
const ASSUMED_TTFT_s = 0.5;

/** How long answers are likely to take; starts with assumptions and learns from each completion. */
export class Expectations {
  private tokPerS = ASSUMED_TokPerS;
  private ttft_s = ASSUMED_TTFT_s;
  private readonly seen_s = new Map<string, Seconds[]>();

  /** Rate and first-token time of a completion that ended well; a failed one teaches nothing. */
  noteCompletion({ error, firstToken_s, lastToken_s, output_tok, requested_s, tokens }: Completion): void {
    if (error !== null || firstToken_s === null || lastToken_s === null) return;
    const decoded_tok = (output_tok ?? tokens.length) - 1;
    this.ttft_s = firstToken_s - requested_s;
    if (decoded_tok > 0 && lastToken_s > firstToken_s)
      this.tokPerS = decoded_tok / (lastToken_s - firstToken_s);
  }

  noteTrial({ category, completions, promptId }: Trial): void {
    const answer = completions.at(-1);
    if (answer === undefined || answer.error !== null) return;
    this.noteCompletion(answer);
    for (const key of [`prompt ${promptId}`, `category ${category}`]) {
      this.seen_s.set(key, [...(this.seen_s.get(key) ?? []), answer.ended_s - answer.requested_s]);
    }
  }

  /** From answers to the same prompt, else of the same category, else as if it ran to its limit of tokens. */
  inference_s(prompt: Prompt, maxOutput_tok: number | null): Seconds {
    const seen_s = this.seen_s.get(`prompt ${prompt.id}`) ?? this.seen_s.get(`category ${prompt.category}`);
    if (seen_s !== undefined) return seen_s.reduce((sum_s, each_s) => sum_s + each_s, 0) / seen_s.length;
    return this.ttft_s + (maxOutput_tok ?? prompt.maxOutput_tok) / this.tokPerS;
  }
}
