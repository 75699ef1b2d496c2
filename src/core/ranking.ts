import type { MemoryOf } from './memory-taken.ts';
import type { Estimate } from './result.ts';
import type { DomainId } from './sample.ts';
import type { Seconds } from './units.ts';

/** What configurations are ranked by; the flags of `lmpower compare --rank-by`. */
export const RANK_METRICS = [
  'net-j-per-token',
  'gross-j-per-token',
  'tps-per-watt',
  'speed',
  'ttft',
  'memory',
  'edp',
  'cpu-s-per-token',
] as const;
export type RankMetric = (typeof RANK_METRICS)[number];

/** One model under one workload in one run, with all that it can be ranked by. Null: not known. */
export interface Ranked {
  readonly run: string;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly model: string;
  /** The model's name without its quantization. */
  readonly family: string;
  readonly quantization: string | null;
  readonly workload: string;
  readonly machine: string | null;
  /** Of the energies; null: no meter was read. */
  readonly domain: DomainId | null;
  readonly scope: string | null;
  /** Answers that the figures are from. */
  readonly n: number;
  readonly net_JPerTok: Estimate | null;
  readonly gross_JPerTok: Estimate | null;
  readonly tokPerSPerW: Estimate | null;
  /** Σ output tokens ÷ Σ time of the requests. */
  readonly tokPerS: number | null;
  /** Median over the answers. */
  readonly ttft_s: Seconds | null;
  /** Size of the model's file, as the server states it. */
  readonly size_B: number | null;
  /** The most that was in use while it answered, else the size of its file. */
  readonly memory_B: number | null;
  readonly memoryOf: MemoryOf | 'file' | null;
  readonly parameters: number | null;
  /** Mean over the answers of energy × duration; METHOD §4. */
  readonly edp_Js: number | null;
  readonly tokPerSPerGB: number | null;
  readonly tokPerSPerBillion: number | null;
  /** Of the server's processes, where no meter is. */
  readonly cpu_sPerTok: number | null;
  /** The best of its family on this machine, workload and domain, by the metric of the ranking. */
  readonly bestOfFamily: boolean;
  readonly previous: PreviousResult | null;
}

/** The last earlier run of the same configuration. */
export interface PreviousResult {
  readonly run: string;
  readonly startedAt: string;
  /** This ÷ that, less 1, in the metric of the ranking. */
  readonly change: number | null;
}
