import type { Command } from 'commander';
import { type ExitCode, LmpowerError } from '../core/errors.ts';
import type { RunDocument } from '../core/result.ts';
import type { Plan } from '../core/run.ts';
import { exitCodeOf, standingsOf } from './compare-action.ts';
import { compareLines } from './compare-table.ts';
import { loadDocuments } from './load-documents.ts';
import { say, writeOut } from './output.ts';
import { screenWidth } from './terminal.ts';

/**
 * What `--compare-with` names, read before anything is measured: afterwards `latest` would be the new run itself.
 * @throws {LmpowerError} RUN_NOT_FOUND, RUN_AMBIGUOUS, USAGE, STORE_*
 */
export async function referenceRun(command: Command, ref: string): Promise<RunDocument | null> {
  const [document] = await loadDocuments(command, [ref]);
  return document ?? null;
}

/** What is sure to be refused in the end is refused before anything is measured. @throws {LmpowerError} NOT_COMPARABLE */
export function refuseIncomparable({ headline, plan, run }: RunDocument, { workload }: Plan): void {
  const { id, sha256, version } = plan.workload;
  const remedy = `lmpower run without --compare-with, or with --workload ${id}`;
  if (id !== workload.id || version !== workload.version || sha256 !== workload.sha256)
    throw new LmpowerError(
      'NOT_COMPARABLE',
      `run ${run.id} asked ${id} version ${version}, this one would ask ${workload.id} version ${workload.version}.`,
      { remedy },
    );
  if (headline === null)
    throw new LmpowerError('NOT_COMPARABLE', `run ${run.id} has no energy: no meter was read.`, {
      remedy: 'name another run: lmpower runs',
    });
}

/**
 * Lays the new run beside the earlier one; on stderr where stdout is a document. 4 when it uses more.
 * @throws {LmpowerError} NOT_COMPARABLE, USAGE
 */
export async function compareWith(
  reference: RunDocument,
  document: RunDocument,
  json: boolean,
): Promise<ExitCode> {
  const standings = standingsOf([reference, document], { options: {} });
  const lines = compareLines(standings, screenWidth());
  if (json) for (const line of lines) say(line);
  else await writeOut(`\n${lines.join('\n')}\n`);
  return exitCodeOf(standings);
}
