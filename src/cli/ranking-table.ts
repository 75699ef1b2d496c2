import { METRICS } from '../analyzer/ranking.ts';
import type { MemoryOf } from '../core/memory-taken.ts';
import { percent, significant } from '../core/number-text.ts';
import type { Ranked, RankMetric } from '../core/ranking.ts';
import type { Estimate } from '../core/result.ts';
import { B_PER_GB } from '../core/units.ts';
import { signedPercent } from './compare-table.ts';
import { shortId } from './short-id.ts';
import { type Column, safeText, textTable } from './text-table.ts';

interface Figure {
  readonly column: Column<Ranked>;
  /** Metrics that this is the figure of: never dropped where it is what is ranked by. */
  readonly metric: RankMetric | null;
}

function figure(
  heading: string,
  expendable: number,
  metric: RankMetric | null,
  cell: (one: Ranked) => string,
): Figure {
  return { column: { heading, align: 'right', expendable, cell }, metric };
}

const FIGURES: readonly Figure[] = [
  figure('net J/tok', 1, 'net-j-per-token', ({ net_JPerTok }) => estimateText(net_JPerTok)),
  figure('gross J/tok', 3, 'gross-j-per-token', ({ gross_JPerTok }) => estimateText(gross_JPerTok)),
  figure('tok/s', 2, 'speed', ({ tokPerS }) => significant(tokPerS)),
  figure('tok/s/W', 4, 'tps-per-watt', ({ tokPerSPerW }) => significant(tokPerSPerW?.value ?? null)),
  figure('TTFT s', 5, 'ttft', ({ ttft_s }) => significant(ttft_s)),
  figure('EDP J·s', 8, 'edp', ({ edp_Js }) => significant(edp_Js)),
  figure('GB', 6, 'memory', memoryText),
  figure('tok/s/GB', 9, null, ({ tokPerSPerGB }) => significant(tokPerSPerGB)),
  figure('tok/s/B', 10, null, ({ tokPerSPerBillion }) => significant(tokPerSPerBillion)),
  figure('CPU s/tok', 7, 'cpu-s-per-token', ({ cpu_sPerTok }) => significant(cpu_sPerTok)),
  figure('before', 5, null, ({ previous }) => (previous === null ? '–' : signedPercent(previous.change))),
  figure('n', 6, null, ({ n }) => String(n)),
];

/** The ranking as a table of at most `width` columns, with what its marks mean below. */
export function rankingLines(ranked: readonly Ranked[], metric: RankMetric, width: number): string[] {
  const columns = columnsOf(ranked, metric);
  return [...textTable(ranked, columns, width), ...footLines(ranked, metric)];
}

/** The same as Markdown. */
export function rankingMarkdown(ranked: readonly Ranked[], metric: RankMetric): string {
  const columns = columnsOf(ranked, metric);
  const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [
    row(columns.map(({ heading }) => heading)),
    row(columns.map(({ align }) => (align === 'left' ? '---' : '---:'))),
    ...ranked.map((one) => row(columns.map(({ cell }) => safeText(cell(one)).replace(/[|\\`*<>]/g, '\\$&')))),
    '',
    ...footLines(ranked, metric).map((line) => `- ${line}`),
  ].join('\n');
}

/** A column that nobody has a figure for says nothing. */
function columnsOf(ranked: readonly Ranked[], metric: RankMetric): Column<Ranked>[] {
  const place: Column<Ranked> = {
    heading: '',
    align: 'right',
    expendable: 0,
    cell: (one) =>
      METRICS[metric].of(one) === null ? '– ' : `${ranked.indexOf(one) + 1}${one.bestOfFamily ? '*' : ' '}`,
  };
  const kept = FIGURES.filter(
    ({ column, metric: own }) =>
      own === metric || ranked.some((one) => !['–', ''].includes(column.cell(one))),
  ).map(({ column, metric: own }) => (own === metric ? { ...column, expendable: 0 } : column));
  return [place, MODEL, ...(isOfSeveral(ranked) ? [RUN] : []), ...kept];
}

const MODEL: Column<Ranked> = { heading: 'model', align: 'left', expendable: 0, cell: ({ model }) => model };
const RUN: Column<Ranked> = { heading: 'run', align: 'left', expendable: 7, cell: ({ run }) => shortId(run) };

function isOfSeveral(ranked: readonly Ranked[]): boolean {
  return new Set(ranked.map(({ run }) => run)).size > 1;
}

function footLines(ranked: readonly Ranked[], metric: RankMetric): string[] {
  const basis = [
    ...new Set(ranked.flatMap(({ domain, scope }) => (domain === null ? [] : [`${domain} (${scope})`]))),
  ];
  const workloads = new Set(ranked.map(({ workload }) => workload)).size;
  return [
    `by ${metric}; * the best of its model`,
    ...(basis.length === 0 ? ['no meter was read: no joules'] : [`energies of ${basis.join(' and ')}`]),
    ...(basis.length > 1 || workloads > 1
      ? ['these figures are of different meters or workloads: a rank between them means little']
      : []),
    ...(metric === 'net-j-per-token' && ranked.some(({ net_JPerTok }) => (net_JPerTok?.value ?? 1) <= 0)
      ? ['a net that is not above 0 drowned in the idle power: it has no rank']
      : []),
    ...(metric === 'memory' ? memoryLines(ranked) : []),
    ...(ranked.some(({ previous }) => previous !== null)
      ? ['before: change against the last earlier run of the same configuration']
      : []),
    'a rank is no proof: lmpower compare without --rank-by says what differs significantly',
  ];
}

/** Of a measured figure the number alone; the size of a file says that it is one. */
function memoryText({ memory_B, memoryOf }: Ranked): string {
  if (memory_B === null) return '–';
  const size = significant(memory_B / B_PER_GB);
  return memoryOf === 'file' ? `${size} file` : size;
}

const MEMORY_WORDS = {
  'server+gpu': 'resident memory of the server’s processes, and all in use on the GPU boards',
  server: 'resident memory of the server’s processes',
  gpu: 'all in use on the GPU boards; the server’s own memory was not read',
  file: 'size of the model’s file, where no memory was read',
} as const satisfies Record<MemoryOf | 'file', string>;

function memoryLines(ranked: readonly Ranked[]): string[] {
  const kinds = [...new Set(ranked.flatMap(({ memoryOf }) => memoryOf ?? []))];
  return [
    ...kinds.map((kind) => `GB${kind === 'file' ? ' file' : ''}: ${MEMORY_WORDS[kind]}`),
    ...(kinds.length > 1 ? ['these figures are of different memory: a rank between them means little'] : []),
  ];
}

function estimateText(estimate: Estimate | null): string {
  if (estimate === null || estimate.value === null) return '–';
  const { ci95, value } = estimate;
  const half = ci95 === null || value === 0 ? null : (ci95[1] - ci95[0]) / 2 / Math.abs(value);
  return half === null ? significant(value) : `${significant(value)} ±${percent(half)}`;
}
