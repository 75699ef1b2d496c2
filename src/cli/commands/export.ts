import { Command } from 'commander';
import type { CommandContext } from '../context.ts';
import type { ExportFlags } from '../export-action.ts';
import { EXPORT_FORMATS, ROW_SHAPES, ROW_SUBJECTS } from '../export-words.ts';
import { choiceFlag } from '../flags.ts';
import { withStore } from '../open-store.ts';

/** `lmpower export RUN`: a run in the formats that other programs read. */
export function exportCommand(_context: CommandContext): Command {
  const command = new Command('export')
    .description('a run in the formats that other programs read, or sent to a receiver of OTLP')
    .argument('<run>', "an id, a unique prefix, or 'latest'")
    .option('--format <format>', EXPORT_FORMATS.join(' | '), choiceFlag('--format', EXPORT_FORMATS), 'json')
    .option(
      '--what <rows>',
      `csv, jsonl, parquet: ${ROW_SUBJECTS.join(' | ')} (default: trials)`,
      choiceFlag('--what', ROW_SUBJECTS),
    )
    .option(
      '--shape <shape>',
      'timeseries: tidy, a reading a row; wide, two columns a domain (default: tidy)',
      choiceFlag('--shape', ROW_SHAPES),
    )
    .option(
      '--output <path>',
      'a file, or a folder for names with the run id (default: stdout; parquet: this folder)',
    )
    .option('--url <url>', 'otlp: the receiver, such as http://localhost:4318/v1/metrics');
  return command.action(async (ref: string, flags: ExportFlags) => {
    const [{ analyze }, { exportRun }] = await Promise.all([
      import('../../analyzer/analyze.ts'),
      import('../export-action.ts'),
    ]);
    const recording = await withStore(command, (store) => store.load(store.resolve(ref)));
    await exportRun({ document: analyze(recording), recording }, flags);
  });
}
