import { basename } from 'node:path';
import type { Command } from 'commander';
import type { WholeRun } from '../../storage/store.ts';
import { withStore } from '../open-store.ts';
import { writeJson, writeOut } from '../output.ts';
import { runText } from '../run-text.ts';
import { shortId } from '../short-id.ts';
import { safeText } from '../text-table.ts';
import { wholeRun } from './imported-run.ts';
import { readForeign } from './read-foreign.ts';

export interface ImportOptions {
  readonly json: boolean;
  readonly toolVersion: string;
}

/**
 * Takes the results of other programs in as runs. Every file is read and checked before anything is written, and all runs
 * are one transaction; their documents, which the recording gives anew at any time, follow. @throws {LmpowerError} IMPORT_INVALID, STORE_*
 */
export async function importFiles(
  command: Command,
  files: readonly string[],
  { json, toolVersion }: ImportOptions,
): Promise<void> {
  const runs: WholeRun[] = [];
  for (const path of files) {
    const context = { file: basename(path), toolVersion };
    for (const foreign of await readForeign(path)) runs.push(wholeRun(foreign, context));
  }
  const { copied, present } = await withStore(command, async (store) => {
    const { analyze } = await import('../../analyzer/analyze.ts');
    const added = store.addRuns(runs);
    for (const id of added.copied) store.saveDocument(id, runText(analyze(store.load(id))));
    return added;
  });
  if (json) return writeJson({ schemaVersion: 1, imported: copied, present });
  const isNew = new Set(copied);
  const lines = runs.filter(({ run }) => isNew.has(run.id)).map(lineOf);
  const sum = `${copied.length === 1 ? '1 run' : `${copied.length} runs`} imported, ${present.length} were here already`;
  return writeOut(`${[sum, ...lines].join('\n')}\n`);
}

function lineOf({ part, run }: WholeRun): string {
  const { imported } = run.environment;
  const trials = part.trials?.length ?? 0;
  const models = run.plan.models.join(' ');
  return safeText(
    `  ${shortId(run.id)}  ${imported?.program ?? ''}  ${run.startedAt.slice(0, 10)}  ${trials} trials  ${models}`,
  );
}
