import type { Comparison } from '../core/comparison.ts';
import type { ArmResult, ExperimentResult } from '../core/experiment.ts';
import { fixed, percent, significant } from '../core/number-text.ts';
import type { RunDocument } from '../core/result.ts';
import { signedPercent } from './compare-table.ts';
import { type Column, safeText, textTable } from './text-table.ts';
import { wrapped } from './wrapped.ts';

interface Line {
  readonly arm: ArmResult;
  /** Null: what the others are compared with, or nothing to compare. */
  readonly comparison: Comparison | null;
  readonly isReference: boolean;
}

const COLUMNS: readonly Column<Line>[] = [
  { heading: 'compared', align: 'left', expendable: 0, cell: ({ arm }) => safeText(arm.name) },
  {
    heading: 'net J/tok',
    align: 'right',
    expendable: 0,
    cell: ({ arm }) => significant(arm.net_JPerTok),
  },
  {
    heading: 'change',
    align: 'right',
    expendable: 0,
    cell: ({ comparison }) => (comparison === null ? '' : signedPercent(comparison.change)),
  },
  { heading: 'tok/s', align: 'right', expendable: 1, cell: ({ arm }) => fixed(arm.tokPerS, 1) },
  {
    heading: 'verdict',
    align: 'left',
    expendable: 0,
    cell: ({ comparison, isReference }) => comparison?.verdict ?? (isReference ? 'reference' : '–'),
  },
];

const ACCEPTED: Column<Line> = {
  heading: 'accepted',
  align: 'right',
  expendable: 0,
  cell: ({ arm }) => percent(arm.acceptedRatio, 0),
};
const CACHED: Column<Line> = {
  heading: 'cached',
  align: 'right',
  expendable: 0,
  cell: ({ arm }) => percent(arm.cachedRatio, 0),
};
const TRUTH: readonly Column<Line>[] = [
  {
    heading: 'true change',
    align: 'right',
    expendable: 1,
    cell: ({ comparison }) =>
      comparison?.trueChange === undefined ? '' : signedPercent(comparison.trueChange),
  },
  {
    heading: 'true J/tok',
    align: 'right',
    expendable: 0,
    cell: ({ arm }) => significant(arm.true_JPerTok ?? null),
  },
  {
    heading: 'error',
    align: 'right',
    expendable: 0,
    cell: ({ arm: { net_JPerTok, true_JPerTok } }) =>
      percent(net_JPerTok === null || true_JPerTok === undefined ? null : net_JPerTok / true_JPerTok - 1, 2),
  },
];

/** The sides of an experiment, in their order, each against the first; nothing for a run that is none. */
export function experimentLines({ experiment }: RunDocument, width: number): string[] {
  if (experiment === undefined) return [];
  const lines = linesOf(experiment);
  const notes = experiment.comparisons.flatMap((comparison) => comparison.notes.map(noteText));
  return [
    ...textTable(lines, columnsFor(experiment), width),
    ...[...new Set(notes)].flatMap((note) => wrapped(note, width)),
  ];
}

function linesOf({ arms, comparisons }: ExperimentResult): Line[] {
  const reference = comparisons[0]?.reference.model ?? arms[0]?.name;
  return arms.map((arm) => ({
    arm,
    comparison: comparisons.find(({ candidate }) => candidate.model === arm.name) ?? null,
    isReference: arm.name === reference,
  }));
}

/** What the server says of the factor stands beside the energy, where it says anything. */
function columnsFor({ arms }: ExperimentResult): Column<Line>[] {
  return [
    ...COLUMNS,
    ...(arms.some(({ acceptedRatio }) => acceptedRatio !== null) ? [ACCEPTED] : []),
    ...(arms.some(({ cachedRatio }) => (cachedRatio ?? 0) > 0) ? [CACHED] : []),
    ...(arms.some(({ true_JPerTok }) => true_JPerTok !== undefined) ? TRUTH : []),
  ];
}

function noteText({ id, message }: Comparison['notes'][number]): string {
  return `${id}: ${safeText(message)}`;
}
