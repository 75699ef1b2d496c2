import {
  type Configuration,
  configurations,
  configuredTrials,
  settingOf,
  shortName,
} from './configuration.ts';
import { colourOf, drawing, drawn, noteOf } from './drawing.ts';
import type { Report, ReportRows, VegaLiteSpec } from './report.ts';
import { MUTED } from './theme.ts';

/** Lines in one picture. */
const COURSES = 6;

interface Level {
  readonly label: string;
  readonly parallel: number;
  readonly net_JPerTok: number;
  readonly low_JPerTok: number;
  readonly high_JPerTok: number;
  readonly tokPerS: number | null;
}

/** J/token of a model over how many requests its server may serve at once, and the cheapest of each number. */
export const concurrency: Report = {
  id: 'concurrency',
  question: 'Does serving several at once make a token cheaper?',
  caption:
    'Net J per output token over the number of requests that the server was loaded to serve at once, for models measured with more than one such number. The dashed line is the frontier: the cheapest model of each number.',
  note({ documents }: ReportRows): string | null {
    const overlapping = configurations(documents).filter(areOverlapping).length;
    const isDrawn = levelsOf(documents).length > 0;
    return noteOf(
      isDrawn ? 'Requests were sent one after the other: what changes is the server’s room for more.' : '',
      overlapping === 0
        ? ''
        : `Left out: ${overlapping} configurations whose requests overlapped, since joules of one moment cannot be shared out among them.`,
    );
  },
  build({ documents }: ReportRows): VegaLiteSpec | null {
    const levels = levelsOf(documents);
    if (levels.length === 0) return null;
    const labels = [...new Set(levels.map(({ label }) => label))];
    return drawing({
      height: 260,
      datasets: { levels, frontier: labels.length > 1 ? frontierOf(levels) : [] },
      layer: layersOf(labels),
    });
  },
};

/** Models with at least two numbers of requests at once; of one number the newest run. */
function levelsOf(documents: ReportRows['documents']): Level[] {
  const courses = new Map<string, Map<number, Configuration>>();
  for (const one of configurations(documents)) {
    const parallel = parallelOf(one);
    if (parallel === null || one.summary.net_JPerTok.value === null || areOverlapping(one)) continue;
    const label = courseOf(one);
    const course = courses.get(label) ?? new Map<number, Configuration>();
    const known = course.get(parallel);
    if (known === undefined || known.document.run.startedAt < one.document.run.startedAt)
      course.set(parallel, one);
    courses.set(label, course);
  }
  return [...courses]
    .filter(([, course]) => course.size > 1)
    .slice(0, COURSES)
    .flatMap(([label, course]) =>
      [...course]
        .sort(([a], [b]) => a - b)
        .map(([parallel, configuration]) => levelOf(label, parallel, configuration)),
    );
}

/** Without what an experiment's arm varies, since that is the axis. */
function courseOf({ document: { plan }, summary: { model, workload } }: Configuration): string {
  const key = plan.arms?.find(({ name }) => name === model)?.model ?? model;
  return `${shortName(key, 40)} · ${shortName(workload, 24)}`;
}

/** As the server read it back, else as it was asked for. */
function parallelOf(configuration: Configuration): number | null {
  const { plan } = configuration.document;
  const arm = plan.arms?.find(({ name }) => name === configuration.summary.model);
  const said = arm?.load?.parallel ?? settingOf(configuration, 'parallel') ?? plan.load.parallel;
  return typeof said === 'number' ? said : null;
}

/** Whether one request of the run began before the one before it had ended. */
function areOverlapping(configuration: Configuration): boolean {
  const windows = configuredTrials([configuration])
    .flatMap(({ trial: { completion } }) => (completion === null ? [] : [completion]))
    .sort((a, b) => a.requested_s - b.requested_s);
  return windows.some(({ requested_s }, i) => requested_s < (windows[i - 1]?.ended_s ?? requested_s));
}

function levelOf(label: string, parallel: number, { summary }: Configuration): Level {
  const { value, ci95 } = summary.net_JPerTok;
  const net_JPerTok = value ?? 0;
  return {
    label,
    parallel,
    net_JPerTok: drawn(net_JPerTok),
    low_JPerTok: drawn(ci95?.[0] ?? net_JPerTok),
    high_JPerTok: drawn(ci95?.[1] ?? net_JPerTok),
    tokPerS: summary.tokPerS.value === null ? null : drawn(summary.tokPerS.value),
  };
}

function frontierOf(levels: readonly Level[]): object[] {
  const numbers = [...new Set(levels.map(({ parallel }) => parallel))].sort((a, b) => a - b);
  return numbers.map((parallel) => ({
    parallel,
    net_JPerTok: Math.min(
      ...levels.filter((one) => one.parallel === parallel).map(({ net_JPerTok }) => net_JPerTok),
    ),
  }));
}

function layersOf(labels: readonly string[]): object[] {
  const x = {
    field: 'parallel',
    type: 'quantitative',
    title: 'requests that the server may serve at once',
    scale: { type: 'log', base: 2, nice: false, padding: 10 },
    axis: { grid: false, format: 'd' },
  };
  const y = {
    field: 'net_JPerTok',
    type: 'quantitative',
    title: 'net J per output token',
    scale: { zero: true },
  };
  const color = colourOf(labels);
  return [
    {
      data: { name: 'frontier' },
      mark: { type: 'line', strokeWidth: 5, opacity: 0.25, strokeDash: [6, 3], color: MUTED },
      encoding: { x, y },
    },
    {
      data: { name: 'levels' },
      mark: { type: 'rule', strokeWidth: 1.4, opacity: 0.7 },
      encoding: {
        x,
        color,
        y: { field: 'low_JPerTok', type: 'quantitative' },
        y2: { field: 'high_JPerTok' },
      },
    },
    {
      data: { name: 'levels' },
      mark: { type: 'line', point: { filled: true, size: 50 }, strokeWidth: 1.4 },
      encoding: {
        x,
        y,
        color,
        tooltip: [
          { field: 'label', title: 'model' },
          { field: 'parallel', title: 'at once' },
          { field: 'net_JPerTok', title: 'net J/token', format: '.4g' },
          { field: 'tokPerS', title: 'tok/s', format: '.4g' },
        ],
      },
    },
  ];
}
