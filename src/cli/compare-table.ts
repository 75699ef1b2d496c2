import type { ComparedArm, Comparison } from '../core/comparison.ts';
import { percent, significant } from '../core/number-text.ts';
import { shortId } from './short-id.ts';
import { type Column, safeText, textTable } from './text-table.ts';
import { wrapped } from './wrapped.ts';

/** Comparisons with one reference. */
export interface Standing {
  readonly reference: ComparedArm;
  readonly comparisons: readonly Comparison[];
}

/** One line of the table: an arm, and how it compares; `comparison` null: the reference itself. */
interface Line {
  readonly name: string;
  readonly arm: ComparedArm;
  readonly comparison: Comparison | null;
}

const COLUMNS: readonly Column<Line>[] = [
  { heading: 'model', align: 'left', expendable: 0, cell: ({ name }) => name },
  {
    heading: 'J/token',
    align: 'right',
    expendable: 0,
    cell: ({ arm }) => significant(arm.value_JPerTok),
  },
  {
    heading: 'change',
    align: 'right',
    expendable: 0,
    cell: ({ comparison }) => (comparison === null ? '' : signedPercent(comparison.change)),
  },
  {
    heading: '95 % interval',
    align: 'right',
    expendable: 1,
    cell: ({ comparison }) => (comparison === null ? '' : intervalText(comparison.ci95)),
  },
  { heading: 'n', align: 'right', expendable: 2, cell: ({ arm }) => String(arm.n) },
  {
    heading: 'p ranks',
    align: 'right',
    expendable: 3,
    cell: ({ comparison }) => (comparison === null ? '' : significant(comparison.signedRank?.p ?? null, 2)),
  },
  {
    heading: 'verdict',
    align: 'left',
    expendable: 0,
    cell: ({ comparison }) => comparison?.verdict ?? 'reference',
  },
];

/** The standings as tables of at most `width` columns, the least J/token first, with what is to be known below. */
export function compareLines(standings: readonly Standing[], width: number): string[] {
  return standings.flatMap((standing, place) => [
    ...(place === 0 ? [] : ['']),
    ...headLines(standing).flatMap((line) => wrapped(line, width)),
    ...textTable(linesOf(standing), COLUMNS, width),
    ...footLines(standing).flatMap((line) => wrapped(line, width)),
  ]);
}

/** The same as Markdown. */
export function compareMarkdown(standings: readonly Standing[]): string {
  return standings
    .map((standing) => {
      const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
      return [
        ...headLines(standing),
        '',
        row(COLUMNS.map(({ heading }) => heading)),
        row(COLUMNS.map(({ align }) => (align === 'left' ? '---' : '---:'))),
        ...linesOf(standing).map((line) => row(COLUMNS.map(({ cell }) => escaped(cell(line))))),
        '',
        ...footLines(standing).map((line) => `- ${escaped(line)}`),
      ].join('\n');
    })
    .join('\n\n');
}

/** Arms by J/token against the reference, the least first; those without a figure last. */
export function rankingOf({ reference, comparisons }: Standing): Line['arm'][] {
  return linesOf({ reference, comparisons }).map(({ arm }) => arm);
}

/** `+5.0 %`; `–` for null. */
export function signedPercent(change: number | null): string {
  return change === null ? '–' : `${change > 0 ? '+' : ''}${percent(change)}`;
}

function linesOf({ reference, comparisons }: Standing): Line[] {
  const arms = [reference, ...comparisons.map(({ candidate }) => candidate)];
  const isNamedTwice = (model: string): boolean => arms.filter((arm) => arm.model === model).length > 1;
  const nameOf = ({ model, run }: ComparedArm): string =>
    isNamedTwice(model) ? `${model} (${shortId(run)})` : model;
  return [
    { name: nameOf(reference), arm: reference, comparison: null },
    ...comparisons.map((comparison) => ({
      name: nameOf(comparison.candidate),
      arm: comparison.candidate,
      comparison,
    })),
  ].sort((a, b) => changeOf(a) - changeOf(b));
}

function changeOf({ comparison }: Line): number {
  return comparison === null ? 0 : (comparison.change ?? Number.POSITIVE_INFINITY);
}

function headLines({ comparisons }: Standing): string[] {
  const [first] = comparisons;
  if (first === undefined) return [];
  const { basis, domain, scope, threshold_ratio } = first;
  return [
    `J/token ${basis} of ${domain} (${scope}); a change beyond ${signedPercent(threshold_ratio).replace('+', '± ')} counts`,
  ];
}

function footLines({ comparisons }: Standing): string[] {
  const [first] = comparisons;
  const scatter = comparisons.length === 1 && first !== undefined ? scatterLines(first) : [];
  const several =
    comparisons.length > 1
      ? ['each interval holds for its own comparison; they are not adjusted for their number']
      : [];
  const notes = comparisons.flatMap((comparison) =>
    comparison.notes.map(({ id, message }) => `${id}: ${safeText(message)}`),
  );
  return [...scatter, ...comparisons.flatMap(truthLines), ...several, ...new Set(notes)];
}

/** Only the lab knows. */
function truthLines({ candidate, ci95, trueChange }: Comparison): string[] {
  if (trueChange === undefined) return [];
  const isInside = ci95 !== null && ci95[0] <= trueChange && trueChange <= ci95[1];
  return [
    `truth of the lab: ${safeText(candidate.model)} ${signedPercent(trueChange)}, ${isInside ? 'inside' : 'outside'} the interval`,
  ];
}

function scatterLines({ drift, spread }: Comparison): string[] {
  if (spread === null) return [];
  const trend =
    drift === null ? 'no trend could be told' : `drift over the time of the trials ${signedPercent(drift)}`;
  return [`a trial scatters by ${percent(spread)}; ${trend}`];
}

function intervalText(interval: Comparison['ci95']): string {
  return interval === null
    ? '–'
    : `${signedPercent(interval[0]).replace(' %', '')} … ${signedPercent(interval[1])}`;
}

function escaped(text: string): string {
  return safeText(text).replace(/[|\\`*<>]/g, '\\$&');
}
