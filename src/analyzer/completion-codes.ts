import { CODES, type CodeId } from '../core/codes.ts';
import type { Completion, RunRecord, Setting, Trial } from '../core/run.ts';
import type { MergedTrial } from './blocks.ts';
import { CHANCE_TOK } from './shared-prompt.ts';
import { tokenCounts } from './token-counts.ts';

/** Counts that differ by no more than a closing token or two, or by 1 %, agree. */
const LENGTH_SLACK_TOK = 2;
const LENGTH_SLACK_RATIO = 0.01;

/**
 * Behind a nonce nothing of a prompt can be the prefix of another: what a cache gives of it is template, until it has a
 * block of this length, which engines reuse wherever it stands. Source: LM Studio 0.3.18 log, 'size >= 256 to reuse'.
 */
const LEAST_BLOCK_TOK = 256;

/** What the answer itself and the run's settings say against a trial's numbers. `shared`: see `sharedPromptTokens`. */
export function completionCodes(
  run: RunRecord,
  trial: MergedTrial,
  shared: ReadonlyMap<string, number>,
): CodeId[] {
  const completion = trial.completions.at(-1);
  const general = [
    ...(run.simulated ? (['SIMULATED'] as const) : []),
    ...(run.plan.samplers.some((name) => name.startsWith('replay:')) ? (['REPLAYED'] as const) : []),
    ...(run.environment.imported === undefined ? [] : (['IMPORTED'] as const)),
    ...(settingsOf(run, trial.model).some(isIgnored) ? (['CONFIG_NOT_APPLIED'] as const) : []),
    ...(trial.completions.length > 1 ? (['RETRIED'] as const) : []),
  ];
  if (completion === undefined)
    return [...general, run.state === 'interrupted' ? 'TRIAL_INTERRUPTED' : 'REQUEST_FAILED'];
  return [
    ...general,
    ...errorCodes(completion),
    ...cacheCodes(run, trial, { ...completion, shared_tok: shared.get(trial.model) ?? 0 }),
    ...lengthCodes(run, trial, completion),
  ];
}

/** An error that has a code of its own keeps it; any error voids. */
function errorCodes(completion: Completion): CodeId[] {
  if (completion.error === null) return completion.stopReason === 'failed' ? ['REQUEST_FAILED'] : [];
  const { code } = completion.error;
  if (code === 'INTERRUPTED') return ['TRIAL_INTERRUPTED'];
  return isCode(code) ? [code, 'REQUEST_FAILED'] : ['REQUEST_FAILED'];
}

function isCode(text: string): text is CodeId {
  return Object.hasOwn(CODES, text);
}

/**
 * A nonce before each prompt answers for a server that does not say, and so do words drawn anew. The chat template and
 * the system prompt, which all prompts share, may come from the cache: of generated prompts they are what is not their
 * own words. A prompt that came whole is always a hit.
 */
function cacheCodes(
  run: RunRecord,
  trial: MergedTrial,
  { cached_tok, input_tok, shared_tok }: Completion & { readonly shared_tok: number },
): CodeId[] {
  const isWarm = run.plan.arms?.find(({ name }) => name === trial.model)?.warmCache === true;
  // What was meant to come from the cache and did not is no measurement of a warm one.
  if (isWarm) return cached_tok === 0 ? ['CONFIG_NOT_APPLIED'] : [];
  const { nonce, prompts } = run.plan.workload;
  const shape = prompts.find((one) => one.id === trial.promptId)?.generate;
  if (cached_tok === null) return nonce || shape !== undefined ? [] : ['CACHE_UNKNOWN'];
  const requests = trial.requests ?? 1;
  const isWhole = input_tok !== null && cached_tok > 0 && input_tok - cached_tok <= CHANCE_TOK * requests;
  const prefix_tok = nonce ? Math.max(shared_tok, LEAST_BLOCK_TOK - 1) : shared_tok;
  const allowed_tok =
    shape === undefined ? prefix_tok * requests : Math.max(0, (input_tok ?? 0) - shape.input_tok * requests);
  return isWhole || cached_tok > allowed_tok ? ['CACHE_HIT'] : [];
}

function lengthCodes(run: RunRecord, trial: Trial, completion: Completion): CodeId[] {
  const counts = tokenCounts(completion);
  const codes: CodeId[] = counts.estimated ? ['COUNT_ESTIMATED'] : [];
  if (completion.output_tok !== null && counts.delta_tok !== null) {
    const slack_tok = Math.max(LENGTH_SLACK_TOK, LENGTH_SLACK_RATIO * completion.output_tok);
    if (Math.abs(completion.output_tok - counts.delta_tok) > slack_tok) codes.push('LENGTH_MISMATCH');
  }
  if (isShort(run, trial, completion, counts.output_tok)) codes.push('EARLY_EOS');
  return codes;
}

/** Only workloads whose lengths are meant to be equal ask for a length; elsewhere the limit is just a limit. */
function isShort(run: RunRecord, trial: Trial, completion: Completion, output_tok: number | null): boolean {
  if (completion.error !== null) return false;
  if (output_tok === 0) return true;
  const { workload, inference } = run.plan;
  const prompt = workload.prompts.find((one) => one.id === trial.promptId);
  if (workload.identity === 'text' || prompt === undefined || output_tok === null) return false;
  const asked_tok = Math.min(prompt.maxOutput_tok, inference.maxOutput_tok ?? Number.POSITIVE_INFINITY);
  const stopped = completion.stopReason === 'eos' || completion.stopReason === 'stop';
  return stopped && output_tok < asked_tok;
}

/** With several models each setting says whose it is: those of others are left out. */
function settingsOf({ environment, plan }: RunRecord, model: string): Setting[] {
  const labels = plan.arms?.map(({ name }) => name) ?? plan.models;
  const others = labels.filter((label) => label !== model).map((label) => `${label}: `);
  return environment.settings.filter(({ name }) => !others.some((other) => name.startsWith(other)));
}

function isIgnored(setting: Setting): boolean {
  const { requested, effective } = setting;
  return requested !== null && effective !== null && setting.source === 'server' && requested !== effective;
}
