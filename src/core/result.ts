import type { CodeId } from './codes.ts';
import type { ExperimentResult } from './experiment.ts';
import type {
  BaselineState,
  Completion,
  Environment,
  Phase,
  PhaseKind,
  Plan,
  RunState,
  Truth,
} from './run.ts';
import type { Domain, DomainId, SampleKind } from './sample.ts';
import type { ModelFailure, Session } from './sessions.ts';
import type { Joules, Seconds, Watts } from './units.ts';

/** By publications inside the window: A ≥ 20 · B ≥ 10 · C ≥ 5 · D fewer. Source: METHOD §7. */
export type Grade = 'A' | 'B' | 'C' | 'D';

/** Energy of one domain in one phase. Null where a void code forbids a figure. */
export interface PhaseEnergy {
  readonly domain: DomainId;
  readonly gross_J: Joules | null;
  readonly meanPower_W: Watts | null;
  readonly minPower_W: Watts | null;
  readonly maxPower_W: Watts | null;
  readonly publications: number;
  /** 0–1, part of the window that samples cover. */
  readonly coverage: number;
  /** This energy ÷ the headline's, where the headline is a wider whole than this one. */
  readonly closure?: number | null;
}

export interface PhaseResult extends Phase {
  readonly energy: readonly PhaseEnergy[];
}

export interface BaselineResult {
  readonly state: BaselineState;
  /** Interpolated in time to the middle of the request. */
  readonly power_W: Watts;
  readonly halfWidth_W: Watts;
  readonly before_W: Watts | null;
  readonly after_W: Watts | null;
  /** Baselines that other trials use as well, each with its part in this one: what they err by, they err by in common. */
  readonly shared?: readonly SharedPart[];
}

export interface SharedPart {
  /** Of the baseline phase. */
  readonly start_s: Seconds;
  readonly halfWidth_W: Watts;
  /** Degrees of freedom that the half-width is known with. */
  readonly df: number;
  /** 0–1 */
  readonly share: number;
}

/** Energy of prefill or decode. `perTok` divides by the tokens that the part worked on. */
export interface PartEnergy {
  readonly start_s: Seconds;
  readonly end_s: Seconds;
  readonly gross_J: Joules;
  readonly net_J: Joules | null;
  readonly bound_J: Joules;
  readonly tokens: number | null;
  readonly gross_JPerTok: number | null;
  readonly net_JPerTok: number | null;
  readonly publications: number;
  readonly grade: Grade;
}

export interface Uncertainty {
  /** Largest possible error of the window's energy given what the samples say; METHOD §2. */
  readonly bound_J: Joules | null;
  /** Instantaneous gauges: the same where power between two readings may be all that the domain can draw. */
  readonly limits_J?: Joules | null;
  readonly baseline_J: Joules | null;
  readonly systematicRatio: number | null;
}

/** One domain's answer for one trial. Every null has a code that says why. */
export interface EnergyRow {
  readonly domain: DomainId;
  readonly scope: string;
  readonly kind: SampleKind;
  readonly gross_J: Joules | null;
  readonly net_J: Joules | null;
  readonly prefill: PartEnergy | null;
  readonly decode: PartEnergy | null;
  readonly remainder_J: Joules | null;
  readonly tail_J: Joules | null;
  readonly proRated: { readonly gross_J: Joules | null; readonly net_J: Joules | null };
  /** How prefill and decode were told apart: `window`, `block`, `regression`, or `none`. */
  readonly method: 'window' | 'block' | 'regression' | 'none';
  readonly baseline: BaselineResult | null;
  /** This domain's energy ÷ that of the widest measured domain in the same window. */
  readonly closure: number | null;
  readonly gross_JPerTok: number | null;
  readonly net_JPerTok: number | null;
  readonly tokPerS: number | null;
  readonly tokPerSPerW: number | null;
  readonly uncertainty: Uncertainty;
  readonly publications: number;
  readonly coverage: number;
  readonly grade: Grade;
  readonly codes: readonly CodeId[];
}

/** Times and rates of one completion, from METHOD §1. */
export interface Latency {
  readonly ttft_s: Seconds | null;
  readonly ttfo_s: Seconds | null;
  readonly queue_s: Seconds | null;
  readonly prefill_s: Seconds | null;
  readonly prefillSource: 'server' | 'ttft' | null;
  readonly tpot_s: Seconds | null;
  readonly duration_s: Seconds;
  readonly decode_tok: number | null;
  /** `deltas`: counted after the first delta · `output`: all output tokens but one, where deltas do not say how many they carry. */
  readonly decodeSource: 'deltas' | 'output' | null;
  readonly prefillTokPerS: number | null;
  readonly decodeTokPerS: number | null;
}

/**
 * Processor time of the server's processes from the request to its end, where they run here and can be read. Stands in
 * where no meter is; never converted to joules. Source: METHOD §4.
 */
export interface ServerCpu {
  readonly cpu_s: Seconds;
  /** Per output token. */
  readonly cpu_sPerTok: number | null;
}

/** The most memory that was in use at one of the readings from the request to its end. Null: not read. */
export interface TrialMemory {
  /** Resident, of the server's processes where they run here and can be read; pages that several share counted in each. */
  readonly server_B: number | null;
  /** Of all GPU boards that state it, whole: what other programs hold there is in it. */
  readonly gpu_B: number | null;
}

export interface TrialResult {
  readonly index: number;
  readonly model: string;
  readonly workload: string;
  readonly promptId: string;
  readonly category: string;
  readonly repetition: number;
  readonly phases: readonly PhaseResult[];
  readonly completion: (Completion & { readonly latency: Latency }) | null;
  readonly energy: readonly EnergyRow[];
  readonly serverCpu?: ServerCpu;
  /** Absent: none was read. */
  readonly memory?: TrialMemory;
  /** Of a block: how many requests `completion` and `energy` are the sum of. */
  readonly requests?: number;
  readonly truth?: Truth;
}

export interface Estimate {
  readonly value: number | null;
  readonly ci95: readonly [number, number] | null;
  /** Standard deviation between trials, same unit; null below two. */
  readonly spread: number | null;
  /** The same interval by studentised bootstrap, as its check; net of the headline domain with ten trials or more. */
  readonly bootstrap95?: readonly [number, number];
}

/** Prefill or decode over the trials of one group. */
export interface PartSummary {
  /** `none`: not resolvable. */
  readonly method: 'window' | 'block' | 'regression' | 'none';
  readonly net_JPerTok: Estimate;
  /** Trials that the figure is from. */
  readonly n: number;
}

/**
 * E_net = fixed + prefill·(n_p − n_c) + decode·(n_o − 1) + slope·(n_o − 1)·(context − `context_tok`), context being
 * n_p + n_o/2, by ordinary least squares over the trials of a model. Source: METHOD §4.
 */
export interface RegressionResult {
  readonly n: number;
  readonly fixed_J: Estimate;
  readonly prefill_JPerTok: Estimate;
  /** At a context of `context_tok`. */
  readonly decode_JPerTok: Estimate;
  readonly context_tok: number;
  /** J per output token and token of context. */
  readonly slope_JPerTok2: Estimate;
  /** The greatest of the three. */
  readonly varianceInflation: number;
  readonly residuals: readonly { readonly trial: number; readonly residual_J: Joules }[];
}

export interface PartsSummary {
  readonly prefill: PartSummary;
  readonly decode: PartSummary;
  readonly regression: RegressionResult | null;
}

/** What a model costs before and between requests, in one domain; METHOD §4. Null: not measured, or not resolvable. */
export interface LifecycleResult {
  readonly model: string | null;
  readonly domain: DomainId;
  readonly scope: string;
  readonly headline: boolean;
  /** Loads. */
  readonly n: number;
  /** B0, B1, B2. */
  readonly closed_W: Estimate;
  readonly open_W: Estimate;
  readonly resident_W: Estimate;
  /** P_B2 − P_B1 */
  readonly residency_W: Estimate;
  readonly load_s: Estimate;
  readonly load_J: Estimate;
  /** Above P_B1. */
  readonly netLoad_J: Estimate;
  readonly unload_J: Estimate;
  /** Idle time after which loading anew costs less than staying resident. */
  readonly breakEven_s: Seconds | null;
}

/** Ratio ΣE/Σn over the trials of one group; METHOD §1, §5. `category: 'all'` is the whole workload. */
export interface Summary {
  readonly model: string;
  readonly workload: string;
  readonly category: string;
  readonly domain: DomainId;
  readonly scope: string;
  /** True for the widest measured domain: the number that is quoted. */
  readonly headline: boolean;
  readonly n: number;
  readonly output_tok: number;
  readonly net_JPerTok: Estimate;
  readonly gross_JPerTok: Estimate;
  readonly tokPerS: Estimate;
  readonly tokPerSPerW: Estimate;
  readonly bound_J: Joules | null;
  readonly parts?: PartsSummary;
  readonly grade: Grade;
  readonly codes: readonly CodeId[];
}

/** Why a domain is not the headline although it is wider. */
export interface PassedOver {
  readonly domain: DomainId;
  /** Requests with a joule, and a net one where any domain has one; without requests, phases. */
  readonly n: number;
  /** All of them. */
  readonly count: number;
  /** What kept its joules back. */
  readonly codes: readonly CodeId[];
}

export interface Warning {
  readonly code: CodeId;
  readonly severity: 'info' | 'doubt' | 'void';
  readonly message: string;
  readonly remedy: string;
  readonly count: number;
}

/** What `run --json`, `--output`, `analyze` and `export --format json` print. */
export interface RunDocument {
  readonly schemaVersion: number;
  readonly tool: { readonly name: 'lmpower'; readonly version: string; readonly methodVersion: number };
  readonly simulated?: true;
  readonly run: {
    readonly id: string;
    readonly startedAt: string;
    readonly state: RunState;
    readonly duration_s: Seconds;
  };
  readonly environment: Environment;
  readonly plan: Plan;
  readonly domains: readonly Domain[];
  readonly headline: DomainId | null;
  /** Wider domains than the headline that were measured, but answered too seldom; widest first. */
  readonly passedOver?: readonly PassedOver[];
  readonly phases: readonly (PhaseResult & { readonly kind: PhaseKind })[];
  readonly trials: readonly TrialResult[];
  readonly summary: readonly Summary[];
  /** Workload `idle`: each model in each domain. */
  readonly lifecycle?: readonly LifecycleResult[];
  /** Models that could not be had. */
  readonly failures?: readonly ModelFailure[];
  /** Later sittings of a run that was taken up again. */
  readonly sessions?: readonly Session[];
  readonly experiment?: ExperimentResult;
  readonly warnings: readonly Warning[];
}

export const RUN_SCHEMA_VERSION = 1;
/** Raised whenever a formula moves a reported number; recorded with each run. */
export const METHOD_VERSION = 1;
