import type { RunDocument } from '../src/core/result.ts';
import { shortName } from './configuration.ts';
import { drawing, drawn } from './drawing.ts';
import type { Report, ReportRows, VegaLiteSpec } from './report.ts';
import { BAND_IDLE, HUES } from './theme.ts';

/** Loads drawn; a run rarely has more. */
const LOADS = 24;

/** Joules of each model load beside those of one of its requests. */
export const modelLoad: Report = {
  id: 'model-load',
  question: 'What does loading a model cost, against using it?',
  caption:
    'Gross joules of the load phase and, for scale, of a mean request after it. Break-even against keeping the model in memory needs a baseline without it, which this run does not have.',
  build({ documents }: ReportRows): VegaLiteSpec | null {
    const loads = documents.flatMap(loadsOf).slice(0, LOADS);
    if (loads.length === 0) return null;
    return drawing({
      height: { step: 17 },
      datasets: { loads },
      layer: [
        {
          data: { name: 'loads' },
          mark: { type: 'bar', cornerRadiusEnd: 2 },
          encoding: {
            y: { field: 'label', type: 'nominal', title: null, sort: null },
            yOffset: { field: 'what', type: 'nominal', sort: ['load', 'mean request'] },
            x: { field: 'gross_J', type: 'quantitative', title: 'gross J' },
            color: {
              field: 'what',
              type: 'nominal',
              title: null,
              scale: { domain: ['load', 'mean request'], range: [HUES[3], BAND_IDLE] },
            },
            tooltip: [
              { field: 'label', title: 'model' },
              { field: 'what' },
              { field: 'gross_J', title: 'gross J', format: '.4g' },
              { field: 'duration_s', title: 'time (s)', format: '.3g' },
            ],
          },
        },
      ],
    });
  },
};

interface LoadRow {
  readonly label: string;
  readonly what: 'load' | 'mean request';
  readonly gross_J: number;
  readonly duration_s: number;
}

/** A load belongs to the model of the first trial after it. */
function loadsOf(document: RunDocument): LoadRow[] {
  const loads = document.phases.filter((phase) => phase.kind === 'load');
  return loads.flatMap((load, i) => {
    const next = document.trials.find((trial) => (trial.phases[0]?.start_s ?? 0) >= load.end_s);
    const gross_J = load.energy.find((one) => one.domain === document.headline)?.gross_J ?? null;
    if (gross_J === null || next === undefined) return [];
    const until_s = loads[i + 1]?.start_s ?? Number.POSITIVE_INFINITY;
    const label = shortName(next.model, 40);
    return [
      { label, what: 'load', gross_J: drawn(gross_J), duration_s: drawn(load.end_s - load.start_s, 4) },
      ...meanRequest(document, label, { from_s: load.end_s, until_s }),
    ] satisfies LoadRow[];
  });
}

function meanRequest(
  document: RunDocument,
  label: string,
  span: { readonly from_s: number; readonly until_s: number },
): LoadRow[] {
  const requests = document.trials.flatMap((trial) => {
    const requested_s = trial.completion?.requested_s ?? Number.NaN;
    const row = trial.energy.find((one) => one.domain === document.headline);
    if (!(requested_s >= span.from_s && requested_s < span.until_s)) return [];
    if (row === undefined || row.gross_J === null) return [];
    return [{ gross_J: row.gross_J, duration_s: trial.completion?.latency.duration_s ?? 0 }];
  });
  if (requests.length === 0) return [];
  const meanOf = (pick: (one: { gross_J: number; duration_s: number }) => number): number =>
    drawn(requests.reduce((sum, one) => sum + pick(one), 0) / requests.length);
  return [
    {
      label,
      what: 'mean request',
      gross_J: meanOf((one) => one.gross_J),
      duration_s: meanOf((one) => one.duration_s),
    },
  ];
}
