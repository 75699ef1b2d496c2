import type { RunDocument, Summary } from './result.ts';
import type { DomainId } from './sample.ts';

/** One run of a configuration. */
export interface HistoryPoint {
  readonly run: string;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly net_JPerTok: number;
  readonly ci95: readonly [number, number] | null;
}

/** A level that ended, and the one that began. */
export interface HistoryChange {
  /** Index of the first point of the new level. */
  readonly at: number;
  /** Geometric means of the levels on both sides. */
  readonly before_JPerTok: number;
  readonly after_JPerTok: number;
  /** Part of the orderings of the same figures that show a split at least as clear, 0–1. */
  readonly p: number;
}

/** The same model, workload, server, domain, scope and machine over several runs, the oldest first. */
export interface HistoryCourse {
  readonly model: string;
  readonly workload: string;
  /** Null: could not be read. */
  readonly machine: string | null;
  readonly domain: DomainId;
  readonly points: readonly HistoryPoint[];
  readonly changes: readonly HistoryChange[];
}

/** Equal where two figures are of one configuration: what was asked of which model, read how, on which machine. */
export function configurationKey({ environment, plan, simulated }: RunDocument, summary: Summary): string {
  const { chip, machine, memory_B } = environment;
  const { domain, model, scope, workload } = summary;
  const sent = [plan.workload.version, plan.workload.sha256, plan.backend];
  return JSON.stringify([model, workload, sent, domain, scope, machine, chip, memory_B, simulated === true]);
}
