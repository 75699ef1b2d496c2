import type { LoadedModel } from '../backends/backend.ts';
import type { Completion, Phase, Trial } from '../core/run.ts';
import type { DomainPower } from './baseline.ts';
import { askBlock } from './block.ts';
import { noteForeign, otherRequests } from './foreign-load.ts';
import { reacquireModel } from './model.ts';
import { promptToSend } from './nonce.ts';
import type { TrialSpec } from './order.ts';
import { announce, cooldown, nameOf, type PhaseOwner } from './phases.ts';
import { type Attempt, attempt, failureOf, isGone, isUnloaded } from './request.ts';
import type { RunContext } from './run-context.ts';
import { type Absence, awaitReturn } from './server-return.ts';
import { lookAround } from './surroundings.ts';
import { warmCache } from './warm-cache.ts';

/** What a trial needs of its surroundings. */
export interface TrialSetting {
  readonly spec: TrialSpec;
  readonly model: LoadedModel;
  readonly owner: PhaseOwner;
  /** Power of the warm-up; null: not known. */
  readonly warmup: DomainPower | null;
}

export interface TrialEnd {
  readonly trial: Trial;
  /** The model that answered last: another instance after a reload. */
  readonly model: LoadedModel;
  readonly last: Attempt | null;
  /** The server went away and did not come back. */
  readonly isOver: boolean;
}

/**
 * One prompt, once:
 *
 *     baseline │ inference                │ cooldown
 *     idle     │ requested_s … ended_s    │ idle, from ended_s
 *
 * Nothing is written and the server is not asked anything from the start of the baseline to the end of the cooldown.
 * Interrupted: the phases as far as they came. A model that was unloaded is brought back and asked once more; so is one
 * whose server died and returned.
 */
export async function executeTrial(context: RunContext, setting: TrialSetting): Promise<TrialEnd> {
  const { ledger, signal } = context;
  await lookAround(context);
  const before = await otherRequests(context);
  const first = await idleThenAsk(context, setting);
  const absence = await absenceAfter(context, first);
  const isBack = absence === 'returned' && !signal.aborted;
  const final = isBack ? await onceMore(context, setting, first) : first;
  const answer = final.completions.at(-1);
  const asked = isBlock(setting) ? final.completions[0] : answer;
  const phases = [...final.phases];
  if (answer !== undefined && asked !== undefined) {
    phases.push({ kind: 'inference', start_s: asked.requested_s, end_s: answer.ended_s });
    if (!signal.aborted) phases.push(await cooldown(context, setting.owner, answer.ended_s));
  }
  noteForeign(context, phases, { before, after: await otherRequests(context) });
  await lookAround(context);
  noteUnsent(context, final);
  const trial = trialOf(context, setting, { ...final, phases });
  ledger.trial(trial);
  ledger.mark();
  const isOver = absence === 'gone' && !signal.aborted;
  return { trial, model: final.model, last: signal.aborted ? null : final.last, isOver };
}

/** What of the server or its model went away under the request, and whether it is there again. */
async function absenceAfter(context: RunContext, { last }: Asked): Promise<Absence> {
  if (last === null || context.signal.aborted) return 'none';
  if (isUnloaded(last)) return 'returned';
  return isGone(last) ? awaitReturn(context) : 'none';
}

interface Asked {
  readonly phases: readonly Phase[];
  readonly completions: readonly Completion[];
  readonly model: LoadedModel;
  /** Null: interrupted before anything was sent. */
  readonly last: Attempt | null;
}

async function idleThenAsk(context: RunContext, setting: TrialSetting): Promise<Asked> {
  const { agenda, lexicon, plan, salt, signal } = context;
  const { model, owner, spec, warmup } = setting;
  const prompt = promptToSend(plan.workload, spec.prompt, { ...spec, lexicon, salt });
  await warmCache(context, { model, owner, prompt });
  const phases = await context.baselines.before(context, owner, warmup);
  if (signal.aborted) return { phases, completions: [], model, last: null };
  const { block_s } = spec.prompt;
  if (block_s !== undefined) {
    announce(context, owner, { phase: 'inference', planned_s: block_s });
    return { phases, model, ...(await askBlock(context, model, { block_s, spec })) };
  }
  const planned_s = agenda.expectations.inference_s(prompt, plan.inference.maxOutput_tok);
  announce(context, owner, { phase: 'inference', planned_s });
  const last = await attempt(context, model, prompt);
  return { phases, completions: last.completion === null ? [] : [last.completion], model, last };
}

/**
 * The second try gets a baseline of its own; the first one's was cut off from its answer by the reload and stays with
 * the run, where it serves as what came after the trial before.
 */
async function onceMore(context: RunContext, setting: TrialSetting, first: Asked): Promise<Asked> {
  let model: LoadedModel;
  try {
    model = await reacquireModel(context, setting.owner, setting.model);
  } catch (thrown) {
    const failure = failureOf(context, thrown);
    return { ...first, last: { completion: null, failure } };
  }
  for (const phase of first.phases) context.ledger.phase(phase);
  context.baselines.forget();
  const second = await idleThenAsk(context, { ...setting, model });
  const retried_s = second.completions.at(-1)?.requested_s;
  if (retried_s !== undefined) {
    context.ledger.event('RETRIED', retried_s, `${setting.model.key} had gone`);
  }
  const earlier = isBlock(setting) ? [] : first.completions;
  return { ...second, completions: [...earlier, ...second.completions] };
}

/** The requests of a block are one answer: those of an attempt that broke off are no part of it. */
function isBlock({ spec }: TrialSetting): boolean {
  return spec.prompt.block_s !== undefined;
}

/** A prompt that never reached the server leaves no completion to carry its error. */
function noteUnsent({ clock, ledger }: RunContext, { last, phases }: Asked): void {
  if (last === null || last.failure === null || last.completion !== null) return;
  const at_s = phases.at(-1)?.start_s ?? clock.now_s();
  ledger.event('REQUEST_FAILED', at_s, `${last.failure.code}: ${last.failure.message}`);
}

function trialOf({ plan }: RunContext, setting: TrialSetting, asked: Asked): Trial {
  const { model, owner, spec } = setting;
  return {
    index: spec.index,
    model: nameOf(owner) ?? model.key,
    workload: plan.workload.id,
    promptId: spec.prompt.id,
    category: spec.prompt.category,
    repetition: spec.repetition,
    phases: asked.phases,
    completions: asked.completions,
    ...(isBlock(setting) ? { block: true as const } : {}),
    truth: null,
  };
}
