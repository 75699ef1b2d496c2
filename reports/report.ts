import type { Comparison } from '../src/core/comparison.ts';
import type { HistoryCourse } from '../src/core/history.ts';
import type { RunDocument } from '../src/core/result.ts';
import type { DomainId, Observation } from '../src/core/sample.ts';
import type { Joules, Seconds, Watts } from '../src/core/units.ts';

/** Power of one domain over [start_s, end_s): a reading, or the least and greatest of the readings one pixel holds. */
export interface PowerPoint {
  readonly domain: DomainId;
  readonly start_s: Seconds;
  readonly end_s: Seconds;
  readonly min_W: Watts;
  readonly max_W: Watts;
  readonly mean_W: Watts;
  readonly energy_J: Joules;
  /** Readings merged in this point, from 1 up. */
  readonly count: number;
}

/** A figure that somebody published. */
export interface PublishedFigure {
  readonly value_JPerTok: number;
  /** From peak power: the truth is at most this. */
  readonly isUpperBound: boolean;
  readonly model: string;
  readonly machine: string;
  readonly setup: string;
  readonly scope: string;
  readonly source: string;
}

/** Figures that a model's gross J/token of that domain may be looked at beside. */
export interface PublishedFigures {
  readonly model: string;
  readonly domain: DomainId;
  readonly activeParams_B: number;
  readonly values: readonly PublishedFigure[];
}

/** What every report is drawn from: finished documents; power over time and observations are those of the first one. */
export interface ReportRows {
  readonly documents: readonly RunDocument[];
  readonly timeline: readonly PowerPoint[];
  readonly observations: readonly Observation[];
  /** Configurations measured three times or more. */
  readonly history: readonly HistoryCourse[];
  readonly published: readonly PublishedFigures[];
  /** With an earlier run, as far as it was asked for. */
  readonly comparisons: readonly Comparison[];
}

export type VegaLiteSpec = Readonly<Record<string, unknown>>;

/** One question and its picture. `build` gives null where the rows hold no answer. */
export interface Report {
  readonly id: string;
  readonly question: string;
  /** How to read it. */
  readonly caption: string;
  build(rows: ReportRows): VegaLiteSpec | null;
  /** What this picture of these rows leaves out, or shows at a glance; null when there is nothing to add. */
  note?(rows: ReportRows): string | null;
}
