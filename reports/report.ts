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

/** What every report is drawn from: finished documents; power over time and observations are those of the first one. */
export interface ReportRows {
  readonly documents: readonly RunDocument[];
  readonly timeline: readonly PowerPoint[];
  readonly observations: readonly Observation[];
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
