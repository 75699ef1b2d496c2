import { aligned } from '../analyzer/analyze.ts';
import type { RunDocument } from '../core/result.ts';
import type { Recording } from '../core/run.ts';
import { htmlPage } from '../rendering/html-page.ts';
import { timelineOf } from '../rendering/timeline.ts';
import { writeFileWhole } from './write-file.ts';

/** Writes the HTML page of these runs; the timeline is the first one's. @throws {LmpowerError} OUTPUT_UNWRITABLE */
export async function reportFile(
  path: string,
  documents: readonly RunDocument[],
  recordings: readonly Recording[],
): Promise<void> {
  const first = recordings[0];
  const timeline = first === undefined ? [] : timelineOf(aligned(first).series);
  await writeFileWhole(path, [await htmlPage({ documents, timeline, observations: first?.observations ?? [] })]);
}
