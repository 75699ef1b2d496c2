import type { RunDocument, Summary } from '../src/core/result.ts';
import { COLOURED, shortName } from './configuration.ts';
import { colourOf, drawing, drawn } from './drawing.ts';
import type { Report, ReportRows, VegaLiteSpec } from './report.ts';

/** Fewer runs are a comparison, not a history. */
const RUNS = 3;

/** Net J/token of the same model, workload, scope and domain over several runs. */
export const history: Report = {
  id: 'history',
  question: 'Has it changed from run to run?',
  caption:
    'Net J per output token of each run by its start, for models measured at least three times under the same workload, domain and scope. The line at a point is the 95 % interval, where there is one.',
  build({ documents }: ReportRows): VegaLiteSpec | null {
    const courses = coursesOf(documents).slice(0, COLOURED);
    const labels = courses.map(([label]) => label);
    const runs = courses.flatMap(([, rows]) => rows);
    if (runs.length === 0) return null;
    const color = colourOf(labels);
    const x = { field: 'startedAt', type: 'temporal', title: null, axis: { grid: false } };
    const y = { field: 'net_JPerTok', type: 'quantitative', title: 'net J per output token' };
    return drawing({
      height: 240,
      datasets: { runs },
      layer: [
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
          mark: { type: 'line', point: { filled: true, size: 45 }, strokeWidth: 1.4 },
          encoding: {
            x,
            y,
            color,
            tooltip: [
              { field: 'label', title: 'model' },
              { field: 'run' },
              { field: 'net_JPerTok', title: 'net J/token', format: '.4g' },
            ],
          },
        },
      ],
    });
  },
};

interface HistoryRow {
  readonly label: string;
  readonly run: string;
  readonly startedAt: string;
  readonly net_JPerTok: number;
  readonly low_JPerTok: number;
  readonly high_JPerTok: number;
}

function coursesOf(documents: readonly RunDocument[]): [string, HistoryRow[]][] {
  const courses = new Map<string, HistoryRow[]>();
  for (const document of documents) {
    for (const summary of document.summary) {
      if (!summary.headline || summary.category !== 'all') continue;
      const { model, workload, domain, scope } = summary;
      const key = JSON.stringify([model, workload, document.plan.workload.version, domain, scope]);
      courses.set(key, [...(courses.get(key) ?? []), ...rowOf(document, summary)]);
    }
  }
  return [...courses.values()]
    .filter((rows) => rows.length >= RUNS)
    .map((rows): [string, HistoryRow[]] => [rows[0]?.label ?? '', rows]);
}

function rowOf(document: RunDocument, { model, workload, net_JPerTok }: Summary): HistoryRow[] {
  const { value, ci95 } = net_JPerTok;
  if (value === null) return [];
  return [
    {
      label: `${shortName(model, 40)} · ${shortName(workload, 24)}`,
      run: document.run.id,
      startedAt: document.run.startedAt,
      net_JPerTok: drawn(value),
      low_JPerTok: drawn(ci95?.[0] ?? value),
      high_JPerTok: drawn(ci95?.[1] ?? value),
    },
  ];
}
