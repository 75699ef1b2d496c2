import { Command } from 'commander';
import type { ReportRows } from '../../../reports/report.ts';
import type { RunFilter } from '../../storage/store.ts';
import type { CommandContext } from '../context.ts';
import { choiceFlag } from '../flags.ts';
import { withStore } from '../open-store.ts';
import { say, writeOut } from '../output.ts';
import { withRunFilter } from '../run-filter-flags.ts';

const FORMATS = ['html', 'svg', 'png', 'pdf', 'md'] as const;

interface ReportFlags extends RunFilter {
  readonly format: (typeof FORMATS)[number];
  readonly output?: string;
  readonly chart?: string;
  readonly history?: true;
  readonly compareWith?: string;
}

/** `lmpower report RUN…`: a page, its charts or its tables, from recorded runs alone. */
export function reportCommand(_context: CommandContext): Command {
  const command = new Command('report')
    .description('a page about one or more runs; opens from a file, asks nothing of the network')
    .argument(
      '[run...]',
      "ids, unique prefixes, or 'latest'; default: the latest, or those that the filters fit",
    )
    .option('--format <format>', FORMATS.join(' | '), choiceFlag('--format', FORMATS), 'html')
    .option('--chart <id>', 'svg and png: this chart alone')
    .option(
      '--output <path>',
      'a file, or a folder for names with the run id (default: this folder; md: stdout)',
    )
    .option('--history', 'with the earlier runs of the same workload and models on the same machine')
    .option('--compare-with <run>', 'lay an earlier run beside the first one, and test the difference')
    .optionsGroup('Runs by filter, in place of ids:');
  return withRunFilter(command).action(async (refs: string[], flags: ReportFlags) => {
    const { gatheredRows } = await import('../report-runs.ts');
    await written(await withStore(command, (store) => gatheredRows(store, refs, flags)), flags);
  });
}

async function written(rows: ReportRows, flags: ReportFlags): Promise<void> {
  const { format, output } = flags;
  if (format === 'md') return markdown(rows, output);
  const { chartFiles, pathIn, pdfFile, reportFile } = await import('../report-file.ts');
  if (format === 'svg' || format === 'png') {
    const target = { format, output: output ?? '.', chart: flags.chart };
    for (const path of await chartFiles(target, rows)) say(`chart: ${path}`);
    return;
  }
  const path = await pathIn(output ?? '.', rows.documents, format);
  if (format === 'pdf') await pdfFile(path, rows);
  else await reportFile(path, rows);
  say(`report: ${path}`);
}

async function markdown(rows: ReportRows, output: string | undefined): Promise<void> {
  const { markdownReport } = await import('../../rendering/markdown.ts');
  const text = markdownReport(rows.documents, rows.comparisons);
  if (output === undefined) return writeOut(text);
  const [{ writeFileWhole }, { pathIn }] = await Promise.all([
    import('../write-file.ts'),
    import('../report-file.ts'),
  ]);
  const path = await pathIn(output, rows.documents, 'md');
  await writeFileWhole(path, [text]);
  say(`report: ${path}`);
}
