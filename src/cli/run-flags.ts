import type { BaselineStrategy, TrialOrder } from '../core/run.ts';
import type { ModelFilterFlags } from './model-filter-flags.ts';
import type { ModelSettingsFlags } from './model-settings-flags.ts';

/** Flags of `lmpower run` as commander hands them over. */
export interface RunFlags extends ModelSettingsFlags, ModelFilterFlags {
  readonly model?: readonly string[];
  readonly workload: string;
  /** Already applied: it set what the command line did not. */
  readonly preset?: string;
  readonly trials?: number;
  readonly untilCi?: number;
  readonly maxTrials?: number;
  readonly maxMinutes?: number;
  readonly interleave?: true;
  readonly all?: true;
  readonly limit?: number;
  readonly order?: TrialOrder;
  readonly orderSeed?: number;
  /** False: `--no-residency`. */
  readonly residency: boolean;
  readonly experiment?: string;
  readonly skipKnown?: true;
  readonly retest?: true;
  /** A run to take up again. */
  readonly resume?: string;
  readonly backend: string;
  readonly url?: string;
  readonly token?: string;
  readonly timeout: number;
  readonly startServer?: true;
  readonly sampler?: readonly string[];
  readonly interval?: number;
  readonly baseline?: number;
  readonly baselineMax?: number;
  readonly cooldown?: number;
  readonly warmup: boolean;
  /** False: `--no-digest`. */
  readonly digest: boolean;
  readonly baselineStrategy?: BaselineStrategy;
  readonly baselineTtl?: number;
  readonly closedServer?: true;
  readonly requirePower?: true;
  readonly strict?: true;
  readonly output?: string;
  readonly csv?: string;
  readonly report?: string;
  readonly compareWith?: string;
  readonly format: 'json' | 'classic-json';
  readonly json?: true;
  readonly dryRun?: true;
  readonly quiet?: true;
}
