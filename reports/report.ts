import type { RunDocument } from '../src/core/result.ts';
import type { DomainId } from '../src/core/sample.ts';
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
}

/** What every report is drawn from: finished documents and the power of the first one over time. */
export interface ReportRows {
  readonly documents: readonly RunDocument[];
  readonly timeline: readonly PowerPoint[];
}

export type VegaLiteSpec = Readonly<Record<string, unknown>>;

/** One question and its picture. `build` gives null where the rows hold no answer. */
export interface Report {
  readonly id: string;
  readonly question: string;
  /** One sentence under the chart: how to read it, what it leaves out. */
  readonly caption: string;
  build(rows: ReportRows): VegaLiteSpec | null;
}
