import { LmpowerError } from '../core/errors.ts';
import type { RunDocument } from '../core/result.ts';
import type { Recording } from '../core/run.ts';
import type { Table } from '../rendering/columns.ts';
import { batchedText } from './batched-text.ts';
import type { ExportFormat, RowShape, RowSubject } from './export-words.ts';
import { say, writeOut } from './output.ts';
import { pathUnder } from './output-path.ts';
import { classicText, sampleJsonLines, tokenJsonLines, trialJsonLines } from './run-formats.ts';
import { timeseriesOf, tokensOf, trialsOf } from './run-tables.ts';
import { runText } from './run-text.ts';

export interface ExportFlags {
  readonly format: ExportFormat;
  readonly what?: RowSubject;
  readonly shape?: RowShape;
  readonly output?: string;
  readonly url?: string;
}

/** What is exported. */
export interface ExportedRun {
  readonly document: RunDocument;
  readonly recording: Recording;
}

const ENDINGS: Readonly<Record<Exclude<ExportFormat, 'otlp'>, string>> = {
  csv: 'csv',
  json: 'json',
  jsonl: 'jsonl',
  parquet: 'parquet',
  'classic-json': 'json',
  md: 'md',
  openmetrics: 'txt',
};
/** These have rows of several sorts. */
const TABULAR: readonly ExportFormat[] = ['csv', 'jsonl', 'parquet'];

/** Writes a run to a file, to stdout or to a receiver. @throws {LmpowerError} USAGE, OUTPUT_UNWRITABLE, RECEIVER_FAILED, PACKAGE_MISSING */
export async function exportRun(run: ExportedRun, flags: ExportFlags): Promise<void> {
  checkFlags(run.document.run.id, flags);
  const { format, output } = flags;
  if (format === 'otlp') return sent(run, flags);
  if (format === 'parquet') return parquetFile(run, flags);
  if (output === undefined) {
    for (const text of batchedText(await textOf(run, format, flags))) await writeOut(text);
    return;
  }
  const path = await checkedPath(output, fileName(run, format, flags));
  if (format === 'csv') {
    const { writeCsvFile } = await import('./csv-file.ts');
    return tell(await writeCsvFile(path, await tableOf(run, flags)), output);
  }
  const { writeFileWhole } = await import('./write-file.ts');
  await writeFileWhole(path, batchedText(await textOf(run, format, flags)));
  tell([path], output);
}

/** Bytes are nothing for a terminal: without a file named they go into one named after the run. */
async function parquetFile(run: ExportedRun, flags: ExportFlags): Promise<void> {
  const [{ parquetOf }, { writeFileWhole }] = await Promise.all([
    import('../rendering/parquet.ts'),
    import('./write-file.ts'),
  ]);
  const path = await checkedPath(flags.output ?? '.', fileName(run, 'parquet', flags));
  await writeFileWhole(path, await parquetOf(await tableOf(run, flags)));
  tell([path], flags.output);
}

async function checkedPath(output: string, name: string): Promise<string> {
  const { checkWritable } = await import('./write-file.ts');
  const path = await pathUnder(output, name);
  await checkWritable(path);
  return path;
}

async function sent({ document }: ExportedRun, { url }: ExportFlags): Promise<void> {
  const { sendOtlp } = await import('../rendering/otlp.ts');
  const { points, warnings } = await sendOtlp(document, url ?? '');
  for (const warning of warnings) say(warning);
  say(`${points} points of run ${document.run.id} sent to ${url ?? ''}`);
}

async function textOf(
  run: ExportedRun,
  format: Exclude<ExportFormat, 'parquet' | 'otlp'>,
  flags: ExportFlags,
): Promise<Iterable<string>> {
  const { document } = run;
  switch (format) {
    case 'json':
      return [runText(document)];
    case 'classic-json':
      return [await classicText(document)];
    case 'md': {
      const { markdownReport } = await import('../rendering/markdown.ts');
      return [markdownReport([document])];
    }
    case 'openmetrics': {
      const { openMetrics } = await import('../rendering/openmetrics.ts');
      return openMetrics(document);
    }
    case 'csv': {
      const { csvOf } = await import('../rendering/csv.ts');
      return csvOf(await tableOf(run, flags));
    }
    case 'jsonl':
      return jsonLinesOf(run, flags.what ?? 'trials');
  }
}

function jsonLinesOf(
  { document, recording }: ExportedRun,
  what: RowSubject,
): Promise<Iterable<string>> | Iterable<string> {
  switch (what) {
    case 'trials':
      return trialJsonLines(document);
    case 'tokens':
      return tokenJsonLines(document);
    case 'timeseries':
      return sampleJsonLines(recording);
  }
}

function tableOf(
  { document, recording }: ExportedRun,
  { shape, what = 'trials' }: ExportFlags,
): Promise<Table> {
  switch (what) {
    case 'trials':
      return trialsOf(document);
    case 'tokens':
      return tokensOf(document);
    case 'timeseries':
      return timeseriesOf(recording, shape);
  }
}

function fileName(
  { document }: ExportedRun,
  format: Exclude<ExportFormat, 'otlp'>,
  { shape, what = 'trials' }: ExportFlags,
): string {
  const rows = TABULAR.includes(format) ? `-${what}${shape === 'wide' ? '-wide' : ''}` : '';
  const kind = format === 'classic-json' ? '-classic' : '';
  return `lmpower-${document.run.id}${rows}${kind}.${ENDINGS[format]}`;
}

/** Names that were not given are told. */
function tell(paths: readonly string[], output: string | undefined): void {
  for (const path of paths) if (path !== output) say(`written: ${path}`);
}

function checkFlags(id: string, { format, output, shape, url, what }: ExportFlags): void {
  const example = (words: string): { remedy: string } => ({ remedy: `lmpower export ${id} ${words}` });
  if (what !== undefined && !TABULAR.includes(format))
    throw new LmpowerError(
      'USAGE',
      `--what goes with --format csv, jsonl or parquet, not ${format}.`,
      example(`--format csv --what ${what}`),
    );
  if (shape === 'wide' && (what !== 'timeseries' || (format !== 'csv' && format !== 'parquet')))
    throw new LmpowerError(
      'USAGE',
      '--shape wide is for the time series as csv or parquet.',
      example('--format csv --what timeseries --shape wide'),
    );
  if (format === 'otlp' && (url === undefined || output !== undefined))
    throw new LmpowerError(
      'USAGE',
      '--format otlp is sent to a receiver: it takes --url and no --output.',
      example('--format otlp --url http://localhost:4318/v1/metrics'),
    );
  if (format !== 'otlp' && url !== undefined)
    throw new LmpowerError(
      'USAGE',
      `--url goes with --format otlp, not ${format}.`,
      example(`--format otlp --url ${url}`),
    );
}
