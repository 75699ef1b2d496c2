import type { RunDocument, Summary } from '../core/result.ts';

/** Headline summaries of whole workloads, cheapest net J/token first; those without a figure last. */
export function rankedSummaries(documents: readonly RunDocument[]): Summary[] {
  const cost = (summary: Summary): number => summary.net_JPerTok.value ?? Number.POSITIVE_INFINITY;
  return documents
    .flatMap((document) =>
      document.summary.filter((summary) => summary.headline && summary.category === 'all'),
    )
    .sort((a, b) => cost(a) - cost(b));
}
