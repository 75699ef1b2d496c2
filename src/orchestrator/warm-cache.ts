import type { LoadedModel } from '../backends/backend.ts';
import type { Prompt } from '../core/run.ts';
import { sidesOf } from './arms.ts';
import { announce, cooldown, type PhaseOwner } from './phases.ts';
import { attempt } from './request.ts';
import type { RunContext } from './run-context.ts';

/** One token: the prompt is what is to be remembered. */
const LEAST_OUTPUT_tok = 1;

/**
 * Sends a prompt once, unmeasured, where its side of the experiment wants it in the server's prompt cache; the time to
 * settle after it belongs to the run too. Elsewhere nothing happens.
 */
export async function warmCache(
  context: RunContext,
  asked: { readonly model: LoadedModel; readonly owner: PhaseOwner; readonly prompt: Prompt },
): Promise<void> {
  const { clock, ledger, plan, progress, signal } = context;
  const { model, owner, prompt } = asked;
  if (sidesOf(plan)[owner.model]?.isWarm !== true) return;
  const own = { ...owner, trial: null };
  announce(context, own, { phase: 'warmup', planned_s: null });
  const start_s = clock.now_s();
  const short = { ...plan, inference: { ...plan.inference, maxOutput_tok: LEAST_OUTPUT_tok } };
  const { completion, failure } = await attempt({ ...context, plan: short }, model, prompt);
  const end_s = completion?.ended_s ?? clock.now_s();
  ledger.phase({ kind: 'warmup', start_s: completion?.requested_s ?? start_s, end_s });
  if (failure !== null) progress({ kind: 'note', text: `warming the cache failed: ${failure.message}` });
  if (!signal.aborted) ledger.phase(await cooldown(context, own, end_s));
}
