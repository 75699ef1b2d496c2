import type { KnownTrial, ModelIdentity, PlanArm, PlanSource } from './arms.ts';
import type { InferenceSettings, LoadSettings, Setting } from './model-settings.ts';
import type { Domain, Observation, RecordedEvent, SampleSeries } from './sample.ts';
import type { ModelFailure, Session } from './sessions.ts';
import type { Joules, Seconds } from './units.ts';
import type { PromptCategory, Workload } from './workload.ts';

export type { InferenceSettings, KvCacheType, LoadSettings, Setting } from './model-settings.ts';
export type { Prompt, PromptCategory, PromptShape, Workload } from './workload.ts';

export const PHASE_KINDS = ['baseline', 'load', 'warmup', 'inference', 'cooldown', 'idle', 'unload'] as const;
export type PhaseKind = (typeof PHASE_KINDS)[number];

/** A window with a purpose, half-open [start_s, end_s). */
export interface Phase {
  readonly kind: PhaseKind;
  readonly start_s: Seconds;
  readonly end_s: Seconds;
  /** Of a baseline, where the run knows it. */
  readonly state?: BaselineState;
  /** Key of the model that is loaded, unloaded or resident, where a phase of the run itself concerns one. */
  readonly model?: string;
}

/** B0 server closed · B1 server open, no model · B2 model resident and idle. */
export type BaselineState = 'B0' | 'B1' | 'B2';

export type TokenSort = 'content' | 'reasoning' | 'tool';
export type TokenSource = 'server' | 'sdk' | 'tokenizer' | 'chunks';

/** One non-empty delta as it arrived. `count_tok` null: the backend does not say how many tokens it carries. */
export interface TokenDelta {
  readonly arrival_s: Seconds;
  readonly count_tok: number | null;
  readonly sort: TokenSort;
}

export type StopReason =
  | 'eos'
  | 'stop'
  | 'length'
  | 'cancelled'
  | 'tool'
  | 'context'
  | 'unloaded'
  | 'failed'
  | 'unknown';

/** One prompt answered, or not: counts are null where nobody said, never 0. */
export interface Completion {
  readonly promptId: string;
  readonly requested_s: Seconds;
  /** Prompt-processing window where the server says it. */
  readonly promptStart_s: Seconds | null;
  readonly promptEnd_s: Seconds | null;
  readonly tokens: readonly TokenDelta[];
  readonly firstToken_s: Seconds | null;
  readonly lastToken_s: Seconds | null;
  readonly ended_s: Seconds;
  readonly input_tok: number | null;
  readonly cached_tok: number | null;
  readonly output_tok: number | null;
  readonly reasoning_tok: number | null;
  readonly draft_tok: number | null;
  readonly accepted_tok: number | null;
  readonly tokenSource: TokenSource | null;
  readonly stopReason: StopReason;
  readonly text: string;
  /** The server's own statistics, verbatim. */
  readonly serverStatistics: Readonly<Record<string, unknown>>;
  readonly error: { readonly code: string; readonly message: string } | null;
}

export type ModelType = 'llm' | 'embedding';

export interface Model {
  /** Not given: a language model. */
  readonly type?: ModelType;
  readonly key: string;
  readonly displayName: string;
  readonly publisher: string | null;
  readonly architecture: string | null;
  readonly format: string | null;
  readonly quantization: string | null;
  readonly bitsPerWeight: number | null;
  readonly params: string | null;
  readonly size_B: number | null;
  readonly maxContext_tok: number | null;
  readonly vision: boolean | null;
  readonly toolUse: boolean | null;
  readonly variants: readonly string[];
  /** Identifiers of the instances now in memory. */
  readonly loaded: readonly string[];
  /** Runs on another machine: its energy cannot be seen here. */
  readonly remote: boolean;
  /** Its file or folder as the server names it: absolute, or below the server's folder of models. Not given: not told. */
  readonly path?: string;
  /** The server's own digest of it, as hex. Not given: not told. */
  readonly digest?: string;
}

/**
 * `grouped`: one model after the other · `interleaved`: by turns, A B B A …, all loaded at once · `shuffled`: one model
 * after the other, models and prompts as `orderSeed` draws them.
 */
export type TrialOrder = 'grouped' | 'interleaved' | 'shuffled';

/**
 * `fresh`: a baseline for each trial · `cached`: one for all within a time to live · `validated`: one for all, looked
 * at again before each trial and replaced when it no longer holds. Source: METHOD §3.
 */
export type BaselineStrategy = 'fresh' | 'cached' | 'validated';

/** Repeat until the 95 % half-width of net J/token is at most `ciRatio` of it, or a limit is reached. */
export interface StopRule {
  readonly ciRatio: number;
  /** Trials of a model before the interval is believed. */
  readonly leastTrials: number;
  /** Repetitions of each prompt. */
  readonly mostTrials: number;
  readonly most_s: Seconds;
}

/** Everything a run intends, complete enough to repeat it. */
export interface Plan {
  readonly backend: string;
  readonly url: string | null;
  readonly models: readonly string[];
  readonly workload: Workload;
  readonly samplers: readonly string[];
  readonly interval_ms: number;
  readonly baseline_s: Seconds;
  readonly baselineMax_s: Seconds;
  readonly cooldown_s: Seconds;
  /** Repetitions of each prompt. */
  readonly trials: number;
  /** Not given: recorded before models could be interleaved, hence grouped. */
  readonly order?: TrialOrder;
  /** Of `shuffled`. */
  readonly orderSeed?: number;
  readonly warmup: boolean;
  /** Idle power is also measured before each load and beside the model, for the energy of loading and staying resident. */
  readonly residency?: true;
  /** Id of the experiment, and its sides; `models` then holds their keys. */
  readonly experiment?: string;
  readonly arms?: readonly PlanArm[];
  /** Of the models, as the server told it when the plan was made; not given: it was not asked. */
  readonly identities?: readonly ModelIdentity[];
  /** What became of `samplers` on this machine. */
  readonly sources?: readonly PlanSource[];
  /** Trials of this plan that were known before it began. */
  readonly known?: readonly KnownTrial[];
  /** Not given: `fresh`. */
  readonly baselineStrategy?: BaselineStrategy;
  /** How long a `cached` baseline is good for. */
  readonly baselineTtl_s?: Seconds;
  /** Not given: `trials` repetitions. */
  readonly until?: StopRule;
  /** Workload `idle`: also measure the machine with the server closed, which its user is asked to do. */
  readonly closedServer?: true;
  readonly inference: InferenceSettings;
  readonly load: LoadSettings;
}

/** What could change the number. No serial numbers, no host names. Null: could not be read. */
export interface Environment {
  readonly machine: string | null;
  readonly chip: string | null;
  readonly cores: number | null;
  readonly memory_B: number | null;
  readonly os: string;
  readonly osBuild: string | null;
  readonly node: string;
  readonly powerSource: 'ac' | 'battery' | null;
  readonly lowPowerMode: boolean | null;
  readonly governor: string | null;
  readonly elevated: boolean;
  readonly backendVersion: string | null;
  readonly engine: string | null;
  readonly settings: readonly Setting[];
  /** Where the run was not recorded here: whose figures these are. */
  readonly imported?: ImportSource;
}

/** Another program that measured a run, and the file that its figures came from. */
export interface ImportSource {
  readonly program: string;
  /** Without its folder. */
  readonly file: string;
}

/** Wall and monotonic time read together; two of them tell whether the machine slept or the wall clock stepped. */
export interface ClockMark {
  readonly monotonic_s: Seconds;
  readonly wallAt: string;
}

/** Closed-form energy of the simulated machine over the trial's own windows; only where the lab took part. */
export interface Truth {
  readonly gross_J: Joules;
  readonly net_J: Joules;
  readonly prefill_J: Joules | null;
  readonly decode_J: Joules | null;
}

export interface Trial {
  readonly index: number;
  readonly model: string;
  readonly workload: string;
  readonly promptId: string;
  readonly category: PromptCategory;
  readonly repetition: number;
  readonly phases: readonly Phase[];
  /** Attempts in order; the last one is the trial's answer, an earlier one was retried. Empty: nothing was sent. */
  readonly completions: readonly Completion[];
  /** Completions are no attempts but the requests of one block, back to back. */
  readonly block?: true;
  readonly truth: Truth | null;
}

export type RunState = 'running' | 'finished' | 'interrupted' | 'failed';

export interface RunRecord {
  /** UUIDv7. */
  readonly id: string;
  readonly startedAt: string;
  /** Reading of the boot's monotonic clock at the run's origin; all times of the run count from it. */
  readonly origin_s: Seconds;
  readonly state: RunState;
  readonly toolVersion: string;
  readonly methodVersion: number;
  readonly baselineState: BaselineState;
  readonly simulated: boolean;
  readonly plan: Plan;
  readonly environment: Environment;
}

/** All that was recorded of a run: the analyzer's only input. */
export interface Recording {
  readonly run: RunRecord;
  readonly domains: readonly Domain[];
  readonly series: readonly SampleSeries[];
  /** Phases of the run itself, outside any trial: load, warm-up, closing baseline. */
  readonly phases: readonly Phase[];
  readonly trials: readonly Trial[];
  readonly observations: readonly Observation[];
  readonly events: readonly RecordedEvent[];
  readonly marks: readonly ClockMark[];
  /** Not given: none. */
  readonly failures?: readonly ModelFailure[];
  /** The second sitting and those after it; not given: there was one. */
  readonly sessions?: readonly Session[];
}
