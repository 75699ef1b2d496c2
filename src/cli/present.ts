import { asLmpowerError, type ExitCode } from '../core/errors.ts';
import type { Measured } from './measure.ts';
import { ReaderGone, say, sayError, writeOut } from './output.ts';
import { resultLines } from './result-table.ts';
import type { RunFlags } from './run-flags.ts';
import { classicText } from './run-formats.ts';
import { runText } from './run-text.ts';
import { shortId } from './short-id.ts';
import { screenWidth } from './terminal.ts';
import { exitCodeOf } from './verdict.ts';
import { writeFileWhole } from './write-file.ts';

type OutputFlags = Pick<RunFlags, 'json' | 'output' | 'csv' | 'report' | 'format' | 'strict'>;

/**
 * Writes and prints what was asked for, each whatever became of the others: a reader of stdout that went away or a full
 * disk costs no other output. The first failure is told, and decides the exit code.
 */
export async function present(measured: Measured, flags: OutputFlags): Promise<ExitCode> {
  const { document, error } = measured;
  const failures: unknown[] = [];
  for (const write of [printed, jsonFile, csvFile, reportPage]) {
    try {
      await write(measured, flags);
    } catch (thrown) {
      if (!(thrown instanceof ReaderGone)) failures.push(thrown);
    }
  }
  for (const failure of error === null ? failures : [...failures, error]) sayError(failure, false);
  const where = `run ${document.run.id} · lmpower analyze ${shortId(document.run.id)}`;
  if (document.trials.length > 0) say(document.simulated === true ? `${where} · SIMULATED` : where);
  if (document.run.state === 'interrupted') return 130;
  if (error !== null) return error.exitCode;
  if (failures.length > 0) return asLmpowerError(failures[0]).exitCode;
  return exitCodeOf(document, flags.strict === true);
}

/** A run that failed before its first prompt has nothing to show. */
async function printed({ document, error }: Measured, { json }: OutputFlags): Promise<void> {
  if (json === true) await writeOut(runText(document));
  else if (error === null || document.trials.length > 0)
    await writeOut(`${resultLines(document, screenWidth()).join('\n')}\n`);
}

async function jsonFile({ document }: Measured, { format, output }: OutputFlags): Promise<void> {
  if (output === undefined) return;
  await writeFileWhole(output, [format === 'json' ? runText(document) : await classicText(document)]);
}

async function csvFile({ recording }: Measured, { csv }: OutputFlags): Promise<void> {
  if (csv === undefined) return;
  const [{ writeCsvFile }, { timeseriesOf }] = await Promise.all([
    import('./csv-file.ts'),
    import('./run-tables.ts'),
  ]);
  await writeCsvFile(csv, await timeseriesOf(recording));
}

async function reportPage({ document, recording }: Measured, { report }: OutputFlags): Promise<void> {
  if (report === undefined) return;
  const [{ reportFile }, { reportRows }] = await Promise.all([
    import('./report-file.ts'),
    import('./report-rows.ts'),
  ]);
  await reportFile(report, reportRows([document], recording));
  say(`report: ${report}`);
}
