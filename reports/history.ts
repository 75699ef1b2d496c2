import type { HistoryChange, HistoryCourse, HistoryPoint } from '../src/core/history.ts';
import { percent, significant } from '../src/core/number-text.ts';
import { COLOURED, shortName } from './configuration.ts';
import { colourOf, drawing, drawn, noteOf } from './drawing.ts';
import type { Report, ReportRows, VegaLiteSpec } from './report.ts';

/** Changes told in words; the picture has them all. */
const TOLD = 4;

/** Net J/token of the same configuration over several runs, with the levels that a permutation test tells apart. */
export const history: Report = {
  id: 'history',
  question: 'Has it changed from run to run?',
  caption:
    'Net J per output token of each run by its start, for configurations measured at least three times on one machine. The line at a point is the 95 % interval, where there is one. The thin course is the level; it steps where a permutation test (p ≤ 0.01, steps of 3 % and more, three runs on either side) finds a change. Below about ten runs that test can find none.',
  note({ history: courses }: ReportRows): string | null {
    const shown = labelled(courses);
    const changes = shown.flatMap(([label, course]) =>
      course.changes.map((change) => changeText(label, course, change)),
    );
    const cut = courses.length > COLOURED ? `Drawn are ${COLOURED} of ${courses.length} configurations.` : '';
    const more = changes.length > TOLD ? `${changes.length - TOLD} more changes are drawn.` : '';
    return noteOf(cut, ...changes.slice(0, TOLD), more);
  },
  build({ history: courses }: ReportRows): VegaLiteSpec | null {
    const shown = labelled(courses);
    if (shown.length === 0) return null;
    return drawing({
      height: 240,
      datasets: {
        runs: shown.flatMap(([label, { points }]) => points.map((point) => rowOf(label, point))),
        levels: shown.flatMap(([label, course]) => levelsOf(label, course)),
      },
      layer: layersOf(shown.map(([label]) => label)),
    });
  },
};

/** Machines are named where there is more than one. */
function labelled(courses: readonly HistoryCourse[]): [string, HistoryCourse][] {
  const areSeveral = new Set(courses.map(({ machine }) => machine)).size > 1;
  return courses.slice(0, COLOURED).map((course) => {
    const where = areSeveral ? ` · ${shortName(course.machine ?? 'unknown machine', 20)}` : '';
    return [`${shortName(course.model, 40)} · ${shortName(course.workload, 24)}${where}`, course];
  });
}

function changeText(label: string, { points }: HistoryCourse, change: HistoryChange): string {
  const { at, before_JPerTok, after_JPerTok, p } = change;
  const when = (points[at]?.startedAt ?? '').slice(0, 16).replace('T', ' ');
  const ratio = after_JPerTok / before_JPerTok - 1;
  const by = `${ratio > 0 ? '+' : ''}${percent(ratio)}`;
  const levels = `${significant(before_JPerTok)} to ${significant(after_JPerTok)} J`;
  return `${label} changed with the run of ${when}: ${levels}, ${by} (p = ${significant(p, 2)}).`;
}

function rowOf(label: string, { run, startedAt, net_JPerTok, ci95 }: HistoryPoint): object {
  return {
    label,
    run,
    startedAt,
    net_JPerTok: drawn(net_JPerTok),
    low_JPerTok: drawn(ci95?.[0] ?? net_JPerTok),
    high_JPerTok: drawn(ci95?.[1] ?? net_JPerTok),
  };
}

/** The corners of a course of levels; none where nothing changed. */
function levelsOf(label: string, { points, changes }: HistoryCourse): object[] {
  const corner = (at: number, level_JPerTok: number): object => ({
    label,
    startedAt: points[at]?.startedAt,
    level_JPerTok: drawn(level_JPerTok),
  });
  return changes.flatMap(({ at, before_JPerTok, after_JPerTok }, i) => [
    ...(i === 0 ? [corner(0, before_JPerTok)] : []),
    corner(at, before_JPerTok),
    corner(at, after_JPerTok),
    ...(i === changes.length - 1 ? [corner(points.length - 1, after_JPerTok)] : []),
  ]);
}

function layersOf(labels: readonly string[]): object[] {
  const color = colourOf(labels);
  const x = {
    field: 'startedAt',
    type: 'temporal',
    title: 'start of the run (UTC)',
    axis: { grid: false },
    ...UTC,
  };
  const y = {
    field: 'net_JPerTok',
    type: 'quantitative',
    title: 'net J per output token',
    scale: { zero: false },
  };
  return [
    {
      data: { name: 'levels' },
      mark: { type: 'line', strokeWidth: 4, opacity: 0.3 },
      encoding: { x, color, y: { field: 'level_JPerTok', type: 'quantitative' } },
    },
    {
      data: { name: 'runs' },
      mark: { type: 'rule', strokeWidth: 1.4, opacity: 0.7 },
      encoding: {
        x,
        color,
        y: { field: 'low_JPerTok', type: 'quantitative' },
        y2: { field: 'high_JPerTok' },
      },
    },
    {
      data: { name: 'runs' },
      mark: { type: 'line', point: { filled: true, size: 45 }, strokeWidth: 1.2 },
      encoding: {
        x,
        y,
        color,
        tooltip: [
          { field: 'label', title: 'model' },
          { field: 'run' },
          { field: 'startedAt', title: 'started', type: 'temporal', format: '%Y-%m-%d %H:%M' },
          { field: 'net_JPerTok', title: 'net J/token', format: '.4g' },
        ],
      },
    },
  ];
}

/** Runs of several machines share one axis, whatever zone the reader lives in. */
const UTC = { scale: { type: 'utc', padding: 10 } } as const;
