import { LmpowerError } from '../core/errors.ts';
import type { PhaseEnergy, RunDocument, TrialResult } from '../core/result.ts';
import type { PhaseKind } from '../core/run.ts';
import { tokenRate } from '../core/token-rate.ts';
import { MS_PER_S, mW_PER_W } from '../core/units.ts';

interface ClassicPower {
  readonly min_mw: number | null;
  readonly max_mw: number | null;
  readonly avg_mw: number | null;
  readonly sample_count: number;
}

type ClassicPhase = 'baseline' | 'inference' | 'cooldown';
const CLASSIC_PHASES = ['baseline', 'inference', 'cooldown'] as const satisfies readonly PhaseKind[];

/** The report of the first LM Studio power scripts, key for key (milliwatts), from a run document. @throws {LmpowerError} USAGE for a run of several models */
export function classicJson(document: RunDocument): object {
  const models = [...new Set(document.trials.map((trial) => trial.model))];
  if (models.length > 1) {
    throw new LmpowerError('USAGE', `classic-json holds one model, this run has ${models.length}.`, {
      remedy: 'lmpower export RUN --format json',
    });
  }
  return {
    benchmark_id: document.run.startedAt.replace(/\.(\d{3})Z$/, '.$1000'),
    model: models[0] ?? null,
    summary: {
      total_prompts: document.trials.length,
      avg_baseline_power_mw: meanOf(document, (trial) => phasePower(document, trial, 'baseline').avg_mw),
      avg_inference_power_mw: meanOf(document, (trial) => phasePower(document, trial, 'inference').avg_mw),
      avg_cooldown_power_mw: meanOf(document, (trial) => phasePower(document, trial, 'cooldown').avg_mw),
      avg_tokens_per_second: meanOf(document, (trial) => tokenRate(trial.completion)),
    },
    prompts: document.trials.map((trial) => classicPrompt(document, trial)),
  };
}

function classicPrompt(document: RunDocument, trial: TrialResult): object {
  const completion = trial.completion;
  return {
    category: trial.category,
    prompt: document.plan.workload.prompts.find((prompt) => prompt.id === trial.promptId)?.text ?? null,
    response: completion?.text ?? null,
    timing: Object.fromEntries(
      CLASSIC_PHASES.map((kind) => [`${kind}_duration_s`, phaseDuration_s(trial, kind)]),
    ),
    inference_stats: {
      prompt_tokens: completion?.input_tok ?? null,
      completion_tokens: completion?.output_tok ?? null,
      tokens_per_second: tokenRate(completion),
      time_to_first_token_ms:
        completion === null || completion.latency.ttft_s === null
          ? null
          : completion.latency.ttft_s * MS_PER_S,
      inference_duration_s: completion?.latency.duration_s ?? null,
    },
    power_consumption: Object.fromEntries(
      CLASSIC_PHASES.map((kind) => [kind, phasePower(document, trial, kind)]),
    ),
  };
}

function phaseDuration_s(trial: TrialResult, kind: ClassicPhase): number | null {
  const phase = trial.phases.find((candidate) => candidate.kind === kind);
  return phase === undefined ? null : phase.end_s - phase.start_s;
}

function phasePower(document: RunDocument, trial: TrialResult, kind: ClassicPhase): ClassicPower {
  const phase = trial.phases.find((candidate) => candidate.kind === kind);
  const energy: PhaseEnergy | undefined = phase?.energy.find(
    (candidate) => candidate.domain === document.headline,
  );
  return {
    min_mw: milliwatts(energy?.minPower_W ?? null),
    max_mw: milliwatts(energy?.maxPower_W ?? null),
    avg_mw: milliwatts(energy?.meanPower_W ?? null),
    sample_count: energy?.publications ?? 0,
  };
}

function milliwatts(power_W: number | null): number | null {
  return power_W === null ? null : power_W * mW_PER_W;
}

/** Plain mean over prompts, as the first scripts did; prompts without the figure are left out. */
function meanOf(document: RunDocument, figure: (trial: TrialResult) => number | null): number | null {
  const figures = document.trials.map(figure).filter((value) => value !== null);
  return figures.length === 0 ? null : figures.reduce((sum, value) => sum + value, 0) / figures.length;
}
