import type { RunDocument } from '../core/result.ts';
import type { RunStore } from '../storage/store.ts';
import { earlierRuns } from './earlier-runs.ts';

/** So many earlier runs are analysed for each run that is ranked; the result before is nearly always among them. */
const MOST_LOOKED_AT = 3;

/** Runs of the database that may hold the result before these, analysed anew. */
export async function earlierDocuments(
  store: RunStore,
  documents: readonly RunDocument[],
): Promise<RunDocument[]> {
  const ids = new Set(documents.flatMap((document) => earlierRuns(store, document).slice(0, MOST_LOOKED_AT)));
  for (const { run } of documents) ids.delete(run.id);
  if (ids.size === 0) return [];
  const { analyze } = await import('../analyzer/analyze.ts');
  return [...ids].map((id) => analyze(store.load(id)));
}
