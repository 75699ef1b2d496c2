import type { BaselineStrategy } from '../core/run.ts';

/** Flags of `lmpower run` as commander hands them over. */
export interface RunFlags {
  readonly model?: readonly string[];
  readonly workload: string;
  readonly trials?: number;
  readonly untilCi?: number;
  readonly maxTrials?: number;
  readonly maxMinutes?: number;
  readonly interleave?: true;
  readonly backend: string;
  readonly url?: string;
  readonly token?: string;
  readonly timeout: number;
  readonly sampler?: readonly string[];
  readonly interval?: number;
  readonly baseline?: number;
  readonly baselineMax?: number;
  readonly cooldown?: number;
  readonly warmup: boolean;
  readonly baselineStrategy?: BaselineStrategy;
  readonly baselineTtl?: number;
  readonly closedServer?: true;
  readonly requirePower?: true;
  readonly strict?: true;
  readonly maxTokens?: number;
  readonly temperature?: number;
  readonly topP?: number;
  readonly topK?: number;
  readonly minP?: number;
  readonly repeatPenalty?: number;
  readonly seed?: number;
  readonly context?: number;
  readonly gpu?: number | 'max' | 'off';
  readonly flashAttention?: 'on' | 'off';
  readonly parallel?: number;
  readonly output?: string;
  readonly csv?: string;
  readonly report?: string;
  readonly format: 'json' | 'classic-json';
  readonly json?: true;
  readonly dryRun?: true;
  readonly quiet?: true;
}
