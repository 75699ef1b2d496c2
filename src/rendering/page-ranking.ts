import { type Configuration, configurations, machineOf } from '../../reports/configuration.ts';
import { significant } from '../core/number-text.ts';
import type { RunDocument, Summary } from '../core/result.ts';
import { html, Markup } from './markup.ts';

interface RankingColumn {
  readonly heading: string;
  readonly cell: (configuration: Configuration) => Markup;
  /** Present for numbers: what is sorted by. */
  readonly value?: (configuration: Configuration) => number | null;
}

function numberColumn(heading: string, value: (summary: Summary) => number | null): RankingColumn {
  return {
    heading,
    value: ({ summary }) => value(summary),
    cell: ({ summary }) => html`${significant(value(summary))}`,
  };
}

/** Where the figures are from more than one. */
const MACHINE: RankingColumn = {
  heading: 'machine',
  cell: ({ document }) => html`${machineOf(document.environment)}`,
};
const WORKLOAD: RankingColumn = { heading: 'workload', cell: ({ summary }) => html`${summary.workload}` };
const FIGURES: readonly RankingColumn[] = [
  numberColumn('gross J/token', (s) => s.gross_JPerTok.value),
  numberColumn('tok/s', (s) => s.tokPerS.value),
  numberColumn('tok/s/W', (s) => s.tokPerSPerW.value),
  { heading: 'n', value: ({ summary }) => summary.n, cell: ({ summary }) => html`${summary.n}` },
  { heading: 'grade', cell: ({ summary }) => html`${summary.grade}` },
  { heading: 'codes', cell: ({ summary }) => html`${summary.codes.map(codeLink)}` },
];

/** All configurations, cheapest first; sortable and filterable by keyboard where scripts run. */
export function rankingSection(documents: readonly RunDocument[]): Markup {
  const ranked = configurations(documents);
  if (ranked.length === 0) return html``;
  const scale = Math.max(...ranked.map(({ summary }) => topOf(summary)));
  const workloads = new Set(ranked.map(({ summary }) => summary.workload));
  const machines = new Set(documents.map(({ environment }) => machineOf(environment)));
  const columns: readonly RankingColumn[] = [
    ...(machines.size > 1 ? [MACHINE] : []),
    ...(workloads.size > 1 ? [WORKLOAD] : []),
    {
      heading: 'net J/token',
      value: ({ summary }) => summary.net_JPerTok.value,
      cell: ({ summary }) =>
        html`${significant(summary.net_JPerTok.value)}${bar(summary, scale)}${interval(summary)}`,
    },
    ...FIGURES,
  ];
  const heads = [
    heading('model', false),
    ...columns.map((column) => heading(column.heading, column.value !== undefined)),
  ];
  return html`<section aria-labelledby="ranking"><h2 id="ranking">Ranking</h2>
<p class="filter"><input type="search" data-filter="ranking-table" hidden placeholder="Filter by any text" aria-label="Filter the ranking"> <span role="status" data-count="ranking-table"></span></p>
<div class="scroll" tabindex="0" role="region" aria-labelledby="ranking"><table id="ranking-table" data-sortable><thead><tr>${heads}</tr></thead><tbody>${ranked.map((one) => row(one, columns))}</tbody></table></div>
<p class="note">Net is gross less the idle power of the same machine; the bar is net, the thin line and the figures under it its 95 % interval. n counts trials with a figure. Grade: A is at least 20 readings inside each request, B 10, C 5.</p></section>
`;
}

function heading(text: string, isNumber: boolean): Markup {
  return html`<th scope="col"${isNumber ? html` class="number"` : html``}><button type="button">${text}</button></th>`;
}

function row(configuration: Configuration, columns: readonly RankingColumn[]): Markup {
  const cells = columns.map((column) =>
    column.value === undefined
      ? html`<td${column.heading === 'codes' ? html` class="codes"` : html``}>${column.cell(configuration)}</td>`
      : html`<td class="number" data-value="${String(column.value(configuration) ?? '')}">${column.cell(configuration)}</td>`,
  );
  return html`<tr><th scope="row">${configuration.label}</th>${cells}</tr>
`;
}

function codeLink(code: string): Markup {
  return html`<a class="code" href="#code-${code}">${code}</a> `;
}

function interval({ net_JPerTok: { ci95 } }: Summary): Markup {
  return ci95 === null
    ? html`<small>no interval</small>`
    : html`<small>${significant(ci95[0])} to ${significant(ci95[1])}</small>`;
}

function topOf({ net_JPerTok: { value, ci95 } }: Summary): number {
  return Math.max(value ?? 0, ci95?.[1] ?? 0, 0);
}

/** A bar as long as the figure, for the eye only. */
function bar({ net_JPerTok: { value, ci95 } }: Summary, scale: number): Markup {
  if (value === null || !(scale > 0)) return html``;
  const x = (figure: number): string => ((Math.max(0, figure) / scale) * 100).toFixed(1);
  const line =
    ci95 === null
      ? ''
      : `<path d="M${x(ci95[0])} 3H${x(ci95[1])}" stroke="var(--ink)" stroke-width="1" vector-effect="non-scaling-stroke"/>`;
  return new Markup(
    `<svg class="bar" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true"><rect width="100" height="6" fill="var(--grid)"/><rect width="${x(value)}" height="6" fill="var(--hue-1)"/>${line}</svg>`,
  );
}
