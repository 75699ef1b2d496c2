import type { VegaLiteSpec } from '../../reports/report.ts';

/** A bar of the issue beside what was found. `passed` null: not measured, or a figure to know without a bar. */
export interface Finding {
  readonly what: string;
  readonly bar: string;
  readonly found: string;
  readonly passed: boolean | null;
}

export interface Table {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly note?: string;
}

export interface StudyChart {
  /** Name of the SVG file beside the page. */
  readonly file: string;
  readonly title: string;
  readonly subtitle: string;
  readonly spec: VegaLiteSpec;
}

/** One part of the study: what was asked, what came out. */
export interface Section {
  readonly title: string;
  /** How it was done: counts, seeds, settings. */
  readonly method: readonly string[];
  readonly findings: readonly Finding[];
  readonly tables: readonly Table[];
  readonly charts: readonly StudyChart[];
}

/** How much is computed: 1 for the committed page, less for a look, 0 for the shape alone. */
export interface Effort {
  /** The count for this effort: in proportion to the full one, at least `least`; a tenth of that for the shape. */
  count(full: number, least: number): number;
}

/** A share of the full counts, 0–1. */
export function effortOf(share: number): Effort {
  return {
    count: (full, least) =>
      share > 0 ? Math.max(Math.min(full, least), Math.round(full * share)) : Math.ceil(least / 10),
  };
}

/** The whole page as GitHub markdown. No date and no machine: the same code gives the same page, speeds apart. */
export function pageText(sections: readonly Section[], preface: readonly string[]): string {
  const bars = sections.flatMap(({ title, findings }, i) =>
    findings.map((one) => [
      `[${i + 1}](#${anchorOf(`${i + 1}. ${title}`)})`,
      one.what,
      one.bar,
      one.found,
      verdictOf(one),
    ]),
  );
  const lines = [
    '# The study',
    '',
    ...preface.flatMap((line) => [line, '']),
    '## Every bar',
    '',
    ...tableLines({ head: ['section', 'what', 'bar', 'found', 'verdict'], rows: bars }),
    '',
    ...sections.flatMap(sectionLines),
  ];
  return `${lines.join('\n').trimEnd()}\n`;
}

function sectionLines({ title, method, findings, tables, charts }: Section, index: number): string[] {
  const rows = findings.map((one) => [one.what, one.bar, one.found, verdictOf(one)]);
  return [
    `## ${index + 1}. ${title}`,
    '',
    ...method.flatMap((line) => [line, '']),
    ...(rows.length === 0 ? [] : [...tableLines({ head: ['what', 'bar', 'found', 'verdict'], rows }), '']),
    ...charts.flatMap((chart) => [`![${chart.title}](${chart.file})`, '']),
    ...tables.flatMap((table) => [
      `**${table.title}**`,
      '',
      ...tableLines(table),
      '',
      ...(table.note === undefined ? [] : [table.note, '']),
    ]),
  ];
}

function tableLines({ head, rows }: Pick<Table, 'head' | 'rows'>): string[] {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map((_, i) => (i === 0 ? '---' : '---:'))), ...rows.map(line)];
}

export function verdictOf({ passed }: Finding): string {
  if (passed === null) return '–';
  return passed ? 'pass' : '**FAIL**';
}

function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} -]/gu, '')
    .replaceAll(' ', '-');
}
