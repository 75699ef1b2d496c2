import type { PlanArm } from '../core/arms.ts';
import { LmpowerError } from '../core/errors.ts';
import type {
  BaselineStrategy,
  InferenceSettings,
  LoadSettings,
  Plan,
  TrialOrder,
  Workload,
} from '../core/run.ts';
import { MS_PER_S } from '../core/units.ts';
import { sidesOf } from './arms.ts';
import { checkInference, checkLoad, checkNumber } from './plan-limits.ts';
import { contextFor, stopRuleOf } from './plan-parts.ts';

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
  /** `fresh` unless given. */
  readonly baselineStrategy?: BaselineStrategy;
  readonly baselineTtl_s?: number;
  /** Percent: repeat until the half-width of net J/token is at most so much of it. */
  readonly untilCi?: number;
  readonly maxTrials?: number;
  readonly maxMinutes?: number;
  /** Workload `idle`: wait for the server to be closed, and measure idle power without it. */
  readonly closedServer?: boolean;
  /** Of `shuffled`; drawn by whoever plans, so that it is recorded. */
  readonly orderSeed?: number;
  readonly residency?: boolean;
  /** Sides of an experiment, from the settings that it starts with. */
  readonly experiment?: PlannedExperiment;
  readonly inference?: Partial<InferenceSettings>;
  readonly load?: Partial<LoadSettings>;
  /** The server was started with its context: none is asked for unless a person does. */
  readonly fixedContext?: boolean;
}

/** An experiment as a plan takes it. */
export interface PlannedExperiment {
  readonly id: string;
  arms(settings: Pick<Plan, 'load' | 'inference'>): readonly PlanArm[];
}

/** Source: DESIGN §6. */
export const PLAN_DEFAULTS = { interval_ms: 500, baseline_s: 10, cooldown_s: 10, trials: 1 } as const;

/** The smaller differences between states want longer baselines, and loads a few repetitions. */
const IDLE_DEFAULTS = { ...PLAN_DEFAULTS, baseline_s: 60, trials: 3 } as const;

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
  const isIdle = options.workload.kind === 'idle';
  const defaults = isIdle ? IDLE_DEFAULTS : PLAN_DEFAULTS;
  const baseline_s = checkNumber('baseline_s', options.baseline_s ?? defaults.baseline_s);
  const trials = checkNumber('trials', options.trials ?? defaults.trials);
  const until = stopRuleOf(options, trials);
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
    trials,
    order: options.order ?? 'grouped',
    ...(options.orderSeed === undefined ? {} : { orderSeed: checkNumber('orderSeed', options.orderSeed) }),
    warmup: !isIdle && (options.warmup ?? true),
    ...(options.residency === true && !isIdle ? { residency: true as const } : {}),
    ...baselineSharing(options),
    ...(until === undefined ? {} : { until }),
    ...(options.closedServer === true ? { closedServer: true as const } : {}),
    inference: checkInference({ ...INFERENCE_DEFAULTS, ...options.inference }),
    load: checkLoad({ ...LOAD_DEFAULTS, ...contextFor(options), ...options.load }),
  };
  const whole = withArms(plan, options.experiment);
  checkTogether(whole);
  return whole;
}

function withArms(plan: Plan, experiment: PlannedExperiment | undefined): Plan {
  if (experiment === undefined) return plan;
  const arms = experiment.arms(plan);
  for (const { inference, load } of arms) {
    checkInference(inference);
    checkLoad(load);
  }
  const models = [...new Set(arms.map(({ model }) => model))];
  return { ...plan, models, experiment: experiment.id, arms };
}

/** Nothing where each trial has its own. */
function baselineSharing({ baselineStrategy = 'fresh', baselineTtl_s }: PlanOptions): Partial<Plan> {
  if (baselineTtl_s !== undefined && baselineStrategy !== 'cached') {
    throw new LmpowerError('USAGE', '--baseline-ttl says how long a cached baseline is good for.', {
      remedy: 'add --baseline-strategy cached, or leave --baseline-ttl out',
    });
  }
  if (baselineStrategy === 'fresh') return {};
  if (baselineStrategy === 'validated') return { baselineStrategy };
  return { baselineStrategy, baselineTtl_s: checkNumber('baselineTtl_s', baselineTtl_s ?? BASELINE_TTL_s) };
}

/** Idle power follows the room and the day. */
const BASELINE_TTL_s = 600;

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

function checkTogether(plan: Plan): void {
  const { baseline_s, baselineMax_s, closedServer, interval_ms, order, orderSeed, workload } = plan;
  if (closedServer === true && workload.kind !== 'idle') {
    throw new LmpowerError(
      'USAGE',
      '--closed-server belongs to workload idle-v1: a closed server answers no prompt.',
      {
        remedy: 'lmpower run --workload idle-v1 --closed-server',
      },
    );
  }
  if (orderSeed !== undefined && order !== 'shuffled') {
    throw new LmpowerError('USAGE', '--order-seed draws the order of --order shuffled.', {
      remedy: 'add --order shuffled, or leave --order-seed out',
    });
  }
  if (order === 'interleaved' && sidesOf(plan).length < 2) {
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
