import type { LoadedModel } from '../backends/backend.ts';
import type { Completion } from '../core/run.ts';
import { S_PER_MS } from '../core/units.ts';
import { type DomainPower, headlineDomain } from './baseline.ts';
import { announce, cooldown, type PhaseOwner } from './phases.ts';
import { attempt } from './request.ts';
import type { RunContext } from './run-context.ts';
import { WARMUP_PROMPT } from './warmup-prompt.ts';

/**
 * One request whose energy is not reported, so that first-use costs (kernels, caches, clocks) fall on no prompt, and
 * the time to settle after it. Returns the power it drew, for the length of baselines; null where nobody could read it.
 */
export async function warmUp(
  context: RunContext,
  owner: PhaseOwner,
  model: LoadedModel,
): Promise<DomainPower | null> {
  const { agenda, clock, ledger, plan, progress, signal } = context;
  const planned_s = agenda.expectations.inference_s(WARMUP_PROMPT, null);
  announce(context, owner, { phase: 'warmup', planned_s });
  const start_s = clock.now_s();
  const unlimited = { ...context, plan: { ...plan, inference: { ...plan.inference, maxOutput_tok: null } } };
  const { completion, failure } = await attempt(unlimited, model, WARMUP_PROMPT);
  const power = completion === null ? null : powerOf(context, completion);
  const end_s = completion?.ended_s ?? clock.now_s();
  ledger.phase({ kind: 'warmup', start_s: completion?.requested_s ?? start_s, end_s });
  if (failure !== null) progress({ kind: 'note', text: `warm-up failed: ${failure.message}` });
  if (completion !== null) agenda.expectations.noteCompletion(completion);
  if (!signal.aborted) ledger.phase(await cooldown(context, owner, end_s));
  return failure === null ? power : null;
}

/** Mean over the newest readings that lie inside the request for certain: its time less one interval. */
function powerOf({ plan, recorder }: RunContext, { ended_s, requested_s }: Completion): DomainPower | null {
  const domain = headlineDomain(recorder, plan.interval_ms);
  const inside_s = ended_s - requested_s - plan.interval_ms * S_PER_MS;
  const power_W = domain === null || inside_s <= 0 ? null : recorder.meanPower_W(domain, inside_s);
  return domain === null || power_W === null ? null : { domain, power_W };
}
