import type { Recording, Trial } from '../core/run.ts';

/** Two prompts may agree in so many first tokens by chance. */
export const CHANCE_TOK = 2;

/**
 * By model, how many tokens of a prompt that was never asked before may come from the cache: chat template and system
 * prompt, which all prompts share. It is the least that the server reports, if two different prompts had about that
 * much; else none is known to be shared, and any cached token is a hit. Prompts with a nonce differ at each repetition.
 */
export function sharedPromptTokens({ run, trials }: Pick<Recording, 'run' | 'trials'>): Map<string, number> {
  const { nonce } = run.plan.workload;
  return new Map(
    [...new Set(trials.map(({ model }) => model))].map((model) => {
      const hits = trials.filter((trial) => trial.model === model).flatMap(cachedOf);
      const least_tok = hits.reduce(
        (least, { cached_tok }) => Math.min(least, cached_tok),
        Number.POSITIVE_INFINITY,
      );
      const alike = hits.filter(({ cached_tok }) => cached_tok <= least_tok + CHANCE_TOK);
      const prompts = new Set(alike.map(({ trial }) => `${trial.promptId} ${nonce ? trial.repetition : ''}`));
      return [model, prompts.size >= 2 ? least_tok + CHANCE_TOK : 0];
    }),
  );
}

/** Answers that had anything from the cache; a block's counts are sums, and say nothing of one prompt. */
function cachedOf(trial: Trial): { readonly trial: Trial; readonly cached_tok: number }[] {
  const cached_tok = trial.completions.at(-1)?.cached_tok ?? 0;
  return cached_tok > 0 && trial.block !== true ? [{ trial, cached_tok }] : [];
}
