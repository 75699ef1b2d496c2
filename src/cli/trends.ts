import { historyOf } from '../analyzer/history.ts';
import type { HistoryChange, HistoryCourse } from '../core/history.ts';
import { percent, significant } from '../core/number-text.ts';
import type { RunDocument } from '../core/result.ts';
import { type Column, safeText, textTable } from './text-table.ts';
import { sparkline } from './watch/sparkline.ts';
import { wrapped } from './wrapped.ts';

const COURSE = 24;

const COLUMNS: readonly Column<HistoryCourse>[] = [
  { heading: 'model', align: 'left', expendable: 0, cell: ({ model }) => model },
  { heading: 'workload', align: 'left', expendable: 3, cell: ({ workload }) => workload },
  { heading: 'machine', align: 'left', expendable: 4, cell: ({ machine }) => machine ?? 'unknown' },
  { heading: 'runs', align: 'right', expendable: 1, cell: ({ points }) => String(points.length) },
  {
    heading: 'first J/tok',
    align: 'right',
    expendable: 2,
    cell: ({ points }) => significant(points[0]?.net_JPerTok ?? null),
  },
  {
    heading: 'last J/tok',
    align: 'right',
    expendable: 0,
    cell: ({ points }) => significant(points.at(-1)?.net_JPerTok ?? null),
  },
  { heading: 'since first', align: 'right', expendable: 1, cell: sinceFirst },
  {
    heading: 'course',
    align: 'left',
    expendable: 2,
    cell: ({ points }) =>
      sparkline(
        points.map(({ net_JPerTok }) => net_JPerTok),
        COURSE,
      ),
  },
];

/** Net J/token of each configuration measured three times or more, and where it went over to another level. */
export function trendLines(documents: readonly RunDocument[], width: number): string[] {
  const courses = historyOf(documents);
  if (courses.length === 0)
    return [
      ...wrapped('No configuration was measured three times under the same workload on one machine.', width),
      '  → lmpower runs lists what is recorded',
    ];
  const changes = courses.flatMap((course) => course.changes.map((change) => changeLine(course, change)));
  return [
    ...textTable(courses, COLUMNS, width),
    '',
    ...(changes.length > 0 ? changes : [noChangeLine(courses)]).flatMap((line) => wrapped(line, width)),
  ];
}

function sinceFirst({ points }: HistoryCourse): string {
  const first = points[0]?.net_JPerTok ?? 0;
  const last = points.at(-1)?.net_JPerTok ?? 0;
  return first > 0 ? signed(last / first - 1) : '–';
}

function signed(ratio: number): string {
  return `${ratio > 0 ? '+' : ''}${percent(ratio)}`;
}

function changeLine(course: HistoryCourse, { after_JPerTok, at, before_JPerTok, p }: HistoryChange): string {
  const point = course.points[at];
  const when = (point?.startedAt ?? '').slice(0, 16).replace('T', ' ');
  const levels = `${significant(before_JPerTok)} to ${significant(after_JPerTok)} J/token`;
  return `${safeText(course.model)} changed with run ${point?.run ?? ''} of ${when}: ${levels}, ${signed(after_JPerTok / before_JPerTok - 1)} (p = ${significant(p, 2)})`;
}

/** Ten runs: below that the permutation test cannot reach p = 0.01. */
const ENOUGH = 10;

function noChangeLine(courses: readonly HistoryCourse[]): string {
  return courses.some(({ points }) => points.length >= ENOUGH)
    ? 'No change of level of 3 % or more stands out from the scatter (p ≤ 0.01).'
    : `Fewer than ${ENOUGH} runs of each: too few to tell a change of level from scatter.`;
}
