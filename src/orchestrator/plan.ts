import { LmpowerError } from '../core/errors.ts';
import type { InferenceSettings, LoadSettings, Plan, TrialOrder, Workload } from '../core/run.ts';
import { MS_PER_S } from '../core/units.ts';
import { checkInference, checkLoad, checkNumber } from './plan-limits.ts';

/** What a caller may say about a run; what is left out takes its default. */
export interface PlanOptions {
  readonly workload: Workload;
  readonly backend: string;
  readonly url?: string | null;
  /** Empty: the model that is loaded. */
  readonly models?: readonly string[];
  readonly samplers?: readonly string[];
  readonly interval_ms?: number;
  readonly baseline_s?: number;
  readonly baselineMax_s?: number;
  readonly cooldown_s?: number;
  readonly trials?: number;
  /** `grouped` unless given. */
  readonly order?: TrialOrder;
  readonly warmup?: boolean;
  readonly inference?: Partial<InferenceSettings>;
  readonly load?: Partial<LoadSettings>;
}

/** Source: DESIGN §6. */
export const PLAN_DEFAULTS = { interval_ms: 500, baseline_s: 10, cooldown_s: 10, trials: 1 } as const;

/** A baseline that is too uneven is extended up to this many times its minimum: 60 s for the default of 10 s. */
const BASELINE_MAX_RATIO = 6;

/** Greedy and without penalty, so that a repetition gives the same answer. Source: reference on sampling settings. */
const INFERENCE_DEFAULTS: InferenceSettings = {
  temperature: 0,
  topP: 1,
  topK: null,
  minP: null,
  repeatPenalty: 1,
  seed: null,
  maxOutput_tok: null,
};

const LOAD_DEFAULTS: LoadSettings = {
  context_tok: null,
  gpuOffload: null,
  flashAttention: null,
  parallel: null,
};

/** Complete plan from what was said. @throws {LmpowerError} USAGE for a number that is none, or out of range */
export function planRun(options: PlanOptions): Plan {
  const baseline_s = checkNumber('baseline_s', options.baseline_s ?? PLAN_DEFAULTS.baseline_s);
  const plan: Plan = {
    backend: options.backend,
    url: checkUrl(options.url ?? null),
    models: checkModels(options.models ?? []),
    workload: options.workload,
    samplers: options.samplers ?? [],
    interval_ms: checkNumber('interval_ms', options.interval_ms ?? PLAN_DEFAULTS.interval_ms),
    baseline_s,
    baselineMax_s: checkNumber('baselineMax_s', options.baselineMax_s ?? defaultMax_s(baseline_s)),
    cooldown_s: checkNumber('cooldown_s', options.cooldown_s ?? PLAN_DEFAULTS.cooldown_s),
    trials: checkNumber('trials', options.trials ?? PLAN_DEFAULTS.trials),
    order: options.order ?? 'grouped',
    warmup: options.warmup ?? true,
    inference: checkInference({ ...INFERENCE_DEFAULTS, ...options.inference }),
    load: checkLoad({ ...LOAD_DEFAULTS, ...options.load }),
  };
  checkTogether(plan);
  return plan;
}

function defaultMax_s(baseline_s: number): number {
  return Math.min(baseline_s * BASELINE_MAX_RATIO, Math.max(baseline_s, LONGEST_DEFAULT_MAX_s));
}

/** No default waits longer than this; a longer minimum is its own maximum. */
const LONGEST_DEFAULT_MAX_s = 300;

function checkModels(models: readonly string[]): readonly string[] {
  const blank = models.find((key) => key.trim() === '');
  if (blank !== undefined) {
    throw new LmpowerError('USAGE', '--model takes the key of a model, not an empty text.', {
      remedy: 'lmpower models lists the keys',
    });
  }
  return [...new Set(models)];
}

function checkUrl(url: string | null): string | null {
  if (url === null || (URL.canParse(url) && /^(https?|wss?):$/.test(new URL(url).protocol))) return url;
  throw new LmpowerError('USAGE', `--url takes an address, not '${url}'.`, {
    remedy: 'for example: --url http://127.0.0.1:1234',
  });
}

function checkTogether({ baseline_s, baselineMax_s, interval_ms, models, order }: Plan): void {
  if (order === 'interleaved' && models.length < 2) {
    throw new LmpowerError('USAGE', '--interleave takes turns between models: name two or more.', {
      remedy: 'lmpower run --model A --model B --interleave --trials 12',
    });
  }
  if (baselineMax_s < baseline_s) {
    throw new LmpowerError(
      'USAGE',
      `the longest baseline (${baselineMax_s} s) is shorter than --baseline ${baseline_s}.`,
      {
        remedy: `leave it out, or give ${baseline_s} s or more`,
      },
    );
  }
  if (baseline_s * MS_PER_S < 2 * interval_ms) {
    throw new LmpowerError(
      'USAGE',
      `--baseline ${baseline_s} is too short for two readings of --interval ${interval_ms}.`,
      {
        remedy: `--baseline ${Math.ceil((10 * interval_ms) / MS_PER_S)}, or a smaller --interval`,
      },
    );
  }
}
