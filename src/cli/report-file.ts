import { join } from 'node:path';
import { REPORTS } from '../../reports/index.ts';
import type { ReportRows } from '../../reports/report.ts';
import { LmpowerError } from '../core/errors.ts';
import type { RunDocument } from '../core/result.ts';
import { isFolderPath, pathUnder } from './output-path.ts';
import { writeFileWhole } from './write-file.ts';

/** Writes the HTML page. @throws {LmpowerError} OUTPUT_UNWRITABLE */
export async function reportFile(path: string, rows: ReportRows): Promise<void> {
  const { htmlPage } = await import('../rendering/html-page.ts');
  await writeFileWhole(path, [await htmlPage(rows)]);
}

/** Writes the PDF. @throws {LmpowerError} OUTPUT_UNWRITABLE */
export async function pdfFile(path: string, rows: ReportRows): Promise<void> {
  const { pdfReport } = await import('../rendering/pdf.ts');
  await writeFileWhole(path, [await pdfReport(rows)]);
}

export interface ChartFiles {
  readonly format: 'svg' | 'png';
  /** A folder takes every chart, named after run and chart; any other path takes one. */
  readonly output: string;
  /** Report id; undefined: all into a folder, the first one drawn into a file. */
  readonly chart: string | undefined;
}

/** Writes charts and gives their paths. @throws {LmpowerError} USAGE for a chart that these runs cannot fill, OUTPUT_UNWRITABLE */
export async function chartFiles({ format, output, chart }: ChartFiles, rows: ReportRows): Promise<string[]> {
  const drawable = REPORTS.filter((report) => report.build(rows) !== null);
  const chosen = drawable.filter((report) => chart === undefined || report.id === chart);
  if (chosen.length === 0) throw nothingToDraw(chart, drawable);
  const isFolder = await isFolderPath(output);
  const { chartSvg, chartPng } = await import('../rendering/chart-file.ts');
  const paths: string[] = [];
  for (const report of isFolder ? chosen : chosen.slice(0, 1)) {
    const svg = await chartSvg(report, rows);
    if (svg === null) continue;
    const path = isFolder ? join(output, `${reportName(rows.documents)}-${report.id}.${format}`) : output;
    await writeFileWhole(path, [format === 'svg' ? svg : await chartPng(svg)]);
    paths.push(path);
  }
  return paths;
}

/** `output` itself, or a name with the run's id in that folder. */
export async function pathIn(
  output: string,
  documents: readonly RunDocument[],
  ending: string,
): Promise<string> {
  return pathUnder(output, `${reportName(documents)}.${ending}`);
}

function reportName(documents: readonly RunDocument[]): string {
  return `lmpower-${documents[0]?.run.id ?? 'report'}`;
}

function nothingToDraw(
  chart: string | undefined,
  drawable: readonly { readonly id: string }[],
): LmpowerError {
  const ids = drawable.map(({ id }) => id).join(', ');
  if (chart === undefined)
    return new LmpowerError('USAGE', 'these runs hold nothing that a chart could show.', {
      remedy: 'lmpower report RUN --format html says why',
    });
  return new LmpowerError('USAGE', `there is no chart '${chart}' of these runs.`, {
    remedy: ids === '' ? 'lmpower report RUN --format html' : `--chart takes one of: ${ids}`,
  });
}
