import { grouped } from '../core/grouped.ts';
import type { RunDocument, TrialResult } from '../core/result.ts';

/** Speed of one model in one category of prompts, in a run whose meter said nothing. */
export interface Speed {
  readonly run: string;
  /** Program that measured it. */
  readonly by: string;
  readonly model: string;
  readonly category: string;
  readonly n: number;
  /** Σ output tokens ÷ Σ time of requests. Source: METHOD §1. */
  readonly tokPerS: number | null;
  /** Σ prompt tokens worked on ÷ Σ time of prefill. */
  readonly prefillTokPerS: number | null;
}

/** Speeds of the runs that have no energy: without them such a run would have nothing to show. */
export function speedsWithoutEnergy(documents: readonly RunDocument[]): Speed[] {
  return documents.filter(({ headline }) => headline === null).flatMap(speedsOf);
}

function speedsOf({ environment, run, trials }: RunDocument): Speed[] {
  const answers = trials.filter(
    ({ completion, requests }) => completion !== null && completion.error === null && requests === undefined,
  );
  const groups = grouped(answers, ({ category, model }) => JSON.stringify([model, category]));
  return [...groups.values()].map((group) => ({
    run: run.id,
    by: environment.imported?.program ?? 'lmpower',
    model: group[0]?.model ?? '',
    category: group[0]?.category ?? '',
    n: group.length,
    tokPerS: rate(group, outputOf),
    prefillTokPerS: rate(group, prefillOf),
  }));
}

interface Work {
  readonly tokens: number;
  readonly time_s: number;
}

/** Trials of which a side is not known, or that did none of this work, are left out. */
function rate(trials: readonly TrialResult[], workOf: (trial: TrialResult) => Work | null): number | null {
  const works = trials.flatMap((trial) => workOf(trial) ?? []).filter(({ tokens }) => tokens > 0);
  const time_s = works.reduce((sum, work) => sum + work.time_s, 0);
  return time_s > 0 ? works.reduce((sum, work) => sum + work.tokens, 0) / time_s : null;
}

function outputOf({ completion }: TrialResult): Work | null {
  if (completion === null || completion.output_tok === null) return null;
  return { tokens: completion.output_tok, time_s: completion.latency.duration_s };
}

function prefillOf({ completion }: TrialResult): Work | null {
  const { prefill_s = null, prefillTokPerS = null } = completion?.latency ?? {};
  if (prefill_s === null || prefillTokPerS === null) return null;
  return { tokens: prefillTokPerS * prefill_s, time_s: prefill_s };
}
