import { Command } from 'commander';
import { choiceFlag } from '../flags.ts';
import { withStore } from '../open-store.ts';
import { say, writeOut } from '../output.ts';
import type { CommandContext } from '../program.ts';

const FORMATS = ['html', 'md'] as const;

interface ReportFlags {
  readonly format: (typeof FORMATS)[number];
  readonly output?: string;
}

/** `lmpower report RUN…`: one page that opens from a file. */
export function reportCommand(_context: CommandContext): Command {
  const command = new Command('report')
    .description('a page about one or more runs; opens from a file, asks nothing of the network')
    .argument('<run...>', "ids, unique prefixes, or 'latest'")
    .option('--format <format>', FORMATS.join(' | '), choiceFlag('--format', FORMATS), 'html')
    .option('--output <file>', 'where to write it (html: lmpower-RUN.html unless given; md: stdout)');
  return command.action(async (refs: string[], flags: ReportFlags) => {
    const [{ analyze }, { reportFile }] = await Promise.all([
      import('../../analyzer/analyze.ts'),
      import('../report-file.ts'),
    ]);
    const recordings = await withStore(command, (store) => refs.map((ref) => store.load(store.resolve(ref))));
    const documents = recordings.map(analyze);
    if (flags.format === 'md') {
      const { markdownReport } = await import('../../rendering/markdown.ts');
      const text = markdownReport(documents);
      if (flags.output === undefined) return writeOut(text);
      const { writeFileWhole } = await import('../write-file.ts');
      return writeFileWhole(flags.output, [text]);
    }
    const path = flags.output ?? `lmpower-${documents[0]?.run.id ?? 'report'}.html`;
    await reportFile(path, documents, recordings);
    say(`report: ${path}`);
  });
}
