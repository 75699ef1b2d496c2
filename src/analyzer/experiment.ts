import type { ArmResult, ExperimentResult } from '../core/experiment.ts';
import type { RunDocument, TrialResult } from '../core/result.ts';
import { compareArms } from './compare/compare.ts';
import { sumOf } from './ratio-interval.ts';
import { tokenCounts } from './token-counts.ts';

/**
 * The sides of an experiment, each compared with the first that has trials; null for a run that is none. Sides of one run
 * differ in what was meant to differ, so nothing keeps them from being compared.
 */
export function experimentOf(document: RunDocument): ExperimentResult | null {
  const { arms, experiment } = document.plan;
  if (experiment === undefined || arms === undefined) return null;
  const names = arms.map(({ name }) => name);
  const [reference, ...candidates] = names.filter((name) => trialsOf(document, name).length > 0);
  const isCompared = reference !== undefined && document.headline !== null;
  return {
    id: experiment,
    arms: names.map((name) => armOf(document, name)),
    comparisons: isCompared
      ? candidates.map((model) =>
          compareArms({ document, model: reference }, { document, model }, { across: true }),
        )
      : [],
  };
}

function trialsOf({ trials }: RunDocument, name: string): TrialResult[] {
  return trials.filter(({ model }) => model === name);
}

function armOf(document: RunDocument, name: string): ArmResult {
  const own = document.summary.filter(({ category, model }) => category === 'all' && model === name);
  const summary = own.find(({ headline }) => headline);
  const answers = trialsOf(document, name).flatMap(({ completion, truth }) =>
    completion === null || completion.error !== null ? [] : [{ completion, truth }],
  );
  const completions = answers.map(({ completion }) => completion);
  const true_JPerTok = quotient(
    answers.map(({ completion, truth }) => [truth?.net_J ?? null, tokenCounts(completion).output_tok]),
  );
  return {
    name,
    net_JPerTok: summary?.net_JPerTok.value ?? null,
    ...(true_JPerTok === null ? {} : { true_JPerTok }),
    tokPerS: quotient(
      completions.map((completion) => [tokenCounts(completion).output_tok, completion.latency.duration_s]),
    ),
    acceptedRatio: quotient(completions.map(({ accepted_tok, draft_tok }) => [accepted_tok, draft_tok])),
    cachedRatio: quotient(completions.map(({ cached_tok, input_tok }) => [cached_tok, input_tok])),
    n: answers.length,
  };
}

/** Σ over Σ of the pairs that are known; null where there is none. Source: METHOD §1. */
function quotient(pairs: readonly (readonly [over: number | null, under: number | null])[]): number | null {
  const known = pairs.flatMap(([over, under]) => (over === null || under === null ? [] : [{ over, under }]));
  const under = sumOf(known.map((pair) => pair.under));
  return under > 0 ? sumOf(known.map((pair) => pair.over)) / under : null;
}
