import { Command } from 'commander';
import type { RunDocument } from '../../core/result.ts';
import type { Recording } from '../../core/run.ts';
import type { CommandContext } from '../context.ts';
import { choiceFlag } from '../flags.ts';
import { withStore } from '../open-store.ts';
import { say, writeOut } from '../output.ts';

const FORMATS = ['html', 'svg', 'png', 'pdf', 'md'] as const;

interface ReportFlags {
  readonly format: (typeof FORMATS)[number];
  readonly output?: string;
  readonly chart?: string;
}

interface Runs {
  readonly documents: readonly RunDocument[];
  readonly recordings: readonly Recording[];
}

/** `lmpower report RUN…`: a page, its charts or its tables, from recorded runs alone. */
export function reportCommand(_context: CommandContext): Command {
  const command = new Command('report')
    .description('a page about one or more runs; opens from a file, asks nothing of the network')
    .argument('<run...>', "ids, unique prefixes, or 'latest'")
    .option('--format <format>', FORMATS.join(' | '), choiceFlag('--format', FORMATS), 'html')
    .option('--chart <id>', 'svg and png: this chart alone')
    .option(
      '--output <path>',
      'a file, or a folder for names with the run id (default: this folder; md: stdout)',
    );
  return command.action(async (refs: string[], flags: ReportFlags) => {
    const { analyze } = await import('../../analyzer/analyze.ts');
    const recordings = await withStore(command, (store) => refs.map((ref) => store.load(store.resolve(ref))));
    await written({ documents: recordings.map(analyze), recordings }, flags);
  });
}

async function written({ documents, recordings }: Runs, flags: ReportFlags): Promise<void> {
  const { format, output } = flags;
  if (format === 'md') return markdown(documents, output);
  const { chartFiles, pathIn, pdfFile, reportFile } = await import('../report-file.ts');
  if (format === 'svg' || format === 'png') {
    const target = { format, output: output ?? '.', chart: flags.chart };
    for (const path of await chartFiles(target, documents, recordings)) say(`chart: ${path}`);
    return;
  }
  const path = await pathIn(output ?? '.', documents, format);
  if (format === 'pdf') await pdfFile(path, documents, recordings);
  else await reportFile(path, documents, recordings);
  say(`report: ${path}`);
}

async function markdown(documents: readonly RunDocument[], output: string | undefined): Promise<void> {
  const { markdownReport } = await import('../../rendering/markdown.ts');
  const text = markdownReport(documents);
  if (output === undefined) return writeOut(text);
  const [{ writeFileWhole }, { pathIn }] = await Promise.all([
    import('../write-file.ts'),
    import('../report-file.ts'),
  ]);
  const path = await pathIn(output, documents, 'md');
  await writeFileWhole(path, [text]);
  say(`report: ${path}`);
}
