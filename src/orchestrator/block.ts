import type { LoadedModel } from '../backends/backend.ts';
import type { Completion, Prompt } from '../core/run.ts';
import type { Seconds } from '../core/units.ts';
import { promptToSend } from './nonce.ts';
import type { TrialSpec } from './order.ts';
import { type Attempt, attempt } from './request.ts';
import type { RunContext } from './run-context.ts';

/** Fewer requests are no mean. */
const REQUESTS_LEAST = 3;
/** Answers from a cache take no time; a block of them must end all the same. */
const REQUESTS_MOST = 10_000;

/** Requests of one prompt, back to back. */
export interface Block {
  readonly completions: readonly Completion[];
  readonly last: Attempt;
}

/**
 * Sends prompts of one shape, each with words of its own, until at least three were answered and `block_s` has passed.
 * Ends with the first that failed. Source: METHOD §4.1.
 */
export async function askBlock(
  context: RunContext,
  model: LoadedModel,
  { block_s, spec }: { readonly block_s: Seconds; readonly spec: TrialSpec },
): Promise<Block> {
  const { clock, signal } = context;
  const completions: Completion[] = [];
  const start_s = clock.now_s();
  for (let request = 0; ; request++) {
    const last = await attempt(context, model, promptOf(context, spec, request));
    if (last.completion !== null) completions.push(last.completion);
    const isWhole = completions.length >= REQUESTS_LEAST && clock.now_s() - start_s >= block_s;
    const isOver = isWhole || completions.length >= REQUESTS_MOST;
    if (isOver || signal.aborted || last.failure !== null || last.completion === null)
      return { completions, last };
  }
}

function promptOf({ lexicon, plan, salt }: RunContext, spec: TrialSpec, request: number): Prompt {
  return promptToSend(plan.workload, spec.prompt, { ...spec, lexicon, salt, request });
}
