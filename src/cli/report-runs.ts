import type { ReportRows } from '../../reports/report.ts';
import { analyze } from '../analyzer/analyze.ts';
import type { Comparison } from '../core/comparison.ts';
import { LmpowerError } from '../core/errors.ts';
import type { RunDocument } from '../core/result.ts';
import type { Recording } from '../core/run.ts';
import type { RunFilter, RunStore } from '../storage/store.ts';
import { standingsOf } from './compare-action.ts';
import { earlierRuns } from './earlier-runs.ts';
import { reportRows } from './report-rows.ts';
import { runFilterOf } from './run-filter-flags.ts';

export interface GatherFlags extends RunFilter {
  readonly history?: true;
  readonly compareWith?: string;
}

/**
 * The runs that a report is about, analysed anew one after the other, so that only the first one's samples are held.
 * @throws {LmpowerError} RUN_NOT_FOUND, RUN_AMBIGUOUS, NOT_COMPARABLE, USAGE, STORE_*
 */
export function gatheredRows(store: RunStore, refs: readonly string[], flags: GatherFlags): ReportRows {
  const reference = flags.compareWith === undefined ? null : store.resolve(flags.compareWith);
  const [firstId, ...others] = chosenRuns(store, refs, flags);
  const first: Recording | undefined = firstId === undefined ? undefined : store.load(firstId);
  const document = first === undefined ? null : analyze(first);
  const earlier = flags.history === true && document !== null ? earlierRuns(store, document) : [];
  const ids = new Set([...others, ...earlier, ...(reference === null ? [] : [reference])]);
  if (firstId !== undefined) ids.delete(firstId);
  const more = [...ids].map((id) => analyze(store.load(id)));
  const documents = document === null ? more : [document, ...more];
  return reportRows(documents, first, comparedWith(documents, reference));
}

function chosenRuns(store: RunStore, refs: readonly string[], flags: GatherFlags): string[] {
  const filter = runFilterOf(flags);
  const isFiltered = Object.keys(filter).length > 0;
  if (refs.length > 0 && isFiltered)
    throw new LmpowerError('USAGE', 'runs are named, and filters are given.', {
      remedy: 'name runs, or choose them by filters',
    });
  if (!isFiltered) return (refs.length > 0 ? refs : ['latest']).map((ref) => store.resolve(ref));
  const ids = store.list(filter).map(({ id }) => id);
  if (ids.length > 0) return ids;
  throw new LmpowerError('RUN_NOT_FOUND', 'no recorded run fits these filters', {
    remedy: 'lmpower runs lists them all',
  });
}

/** The first run against the reference, model by model. */
function comparedWith(documents: readonly RunDocument[], reference: string | null): Comparison[] {
  if (reference === null) return [];
  const [candidate] = documents;
  const before = documents.find(({ run }) => run.id === reference);
  if (candidate === undefined || before === undefined || candidate === before)
    throw new LmpowerError('USAGE', 'the run to compare with is the run itself.', {
      remedy: 'lmpower runs lists the others',
    });
  return standingsOf([before, candidate], { options: {} }).flatMap(({ comparisons }) => comparisons);
}
