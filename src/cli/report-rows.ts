import type { ReportRows } from '../../reports/report.ts';
import { aligned } from '../analyzer/analyze.ts';
import { historyOf } from '../analyzer/history.ts';
import { publishedFor } from '../analyzer/published.ts';
import type { Comparison } from '../core/comparison.ts';
import type { RunDocument } from '../core/result.ts';
import type { Recording } from '../core/run.ts';
import { timelineOf } from '../rendering/timeline.ts';

/** What reports are drawn from; power over time is that of the first document's recording. */
export function reportRows(
  documents: readonly RunDocument[],
  first: Recording | undefined,
  comparisons: readonly Comparison[] = [],
): ReportRows {
  return {
    documents,
    timeline: first === undefined ? [] : timelineOf(aligned(first).series),
    observations: first?.observations ?? [],
    history: historyOf(documents),
    published: publishedFor(documents),
    comparisons,
  };
}
