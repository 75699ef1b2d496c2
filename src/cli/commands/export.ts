import { Command } from 'commander';
import { LmpowerError } from '../../core/errors.ts';
import type { RunDocument } from '../../core/result.ts';
import type { Recording } from '../../core/run.ts';
import type { CommandContext } from '../context.ts';
import { choiceFlag } from '../flags.ts';
import { withStore } from '../open-store.ts';
import { writeOut } from '../output.ts';
import { runText } from '../run-text.ts';

const FORMATS = ['csv', 'json', 'jsonl', 'classic-json', 'md', 'openmetrics'] as const;
const SUBJECTS = ['trials', 'timeseries', 'tokens'] as const;
type Format = (typeof FORMATS)[number];
type Subject = (typeof SUBJECTS)[number];

interface ExportFlags {
  readonly format: Format;
  readonly what?: Subject;
  readonly output?: string;
}

/** `lmpower export RUN`: a run in the formats that other programs read. */
export function exportCommand(_context: CommandContext): Command {
  const command = new Command('export')
    .description('a run as CSV, JSON, JSON lines, Markdown, OpenMetrics or the classic JSON report')
    .argument('<run>', "an id, a unique prefix, or 'latest'")
    .option('--format <format>', FORMATS.join(' | '), choiceFlag('--format', FORMATS), 'json')
    .option('--what <rows>', `${SUBJECTS.join(' | ')} (for csv and jsonl)`, choiceFlag('--what', SUBJECTS))
    .option('--output <file>', 'write there instead of stdout');
  return command.action(async (ref: string, flags: ExportFlags) => {
    const parts = await withStore(command, async (store) => {
      const { analyze } = await import('../../analyzer/analyze.ts');
      const recording = store.load(store.resolve(ref));
      return exported(analyze(recording), recording, flags);
    });
    if (flags.output === undefined) {
      for (const part of parts) await writeOut(part);
      return;
    }
    const { writeFileWhole } = await import('../write-file.ts');
    await writeFileWhole(flags.output, parts);
  });
}

async function exported(
  document: RunDocument,
  recording: Recording,
  { format, what: named }: ExportFlags,
): Promise<Iterable<string>> {
  const what = named ?? 'trials';
  if (named !== undefined && format !== 'csv' && format !== 'jsonl') {
    throw new LmpowerError('USAGE', `--what goes with --format csv or jsonl, not ${format}.`, {
      remedy: `lmpower export ${document.run.id} --format csv --what ${named}`,
    });
  }
  const { classicText } = await import('../run-formats.ts');
  switch (format) {
    case 'json':
      return [runText(document)];
    case 'classic-json':
      return [await classicText(document)];
    case 'md': {
      const { markdownReport } = await import('../../rendering/markdown.ts');
      return [markdownReport([document])];
    }
    case 'openmetrics': {
      const { openMetrics } = await import('../../rendering/openmetrics.ts');
      return openMetrics(document);
    }
    case 'csv':
      return csvOf(document, recording, what);
    case 'jsonl':
      return jsonLinesOf(document, recording, what);
  }
}

async function jsonLinesOf(
  document: RunDocument,
  recording: Recording,
  what: Subject,
): Promise<Iterable<string>> {
  const { sampleJsonLines, tokenJsonLines, trialJsonLines } = await import('../run-formats.ts');
  switch (what) {
    case 'trials':
      return trialJsonLines(document);
    case 'tokens':
      return tokenJsonLines(document);
    case 'timeseries':
      return sampleJsonLines(recording);
  }
}

async function csvOf(document: RunDocument, recording: Recording, what: Subject): Promise<Iterable<string>> {
  const { timeseriesLines, tokenLines, trialLines } = await import('../run-formats.ts');
  switch (what) {
    case 'trials':
      return trialLines(document);
    case 'tokens':
      return tokenLines(document);
    case 'timeseries':
      return timeseriesLines(recording);
  }
}
