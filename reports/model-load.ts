import { significant, spanText } from '../src/core/number-text.ts';
import type { LifecycleResult, RunDocument } from '../src/core/result.ts';
import { configurations, newestNote, shortName, standing } from './configuration.ts';
import { drawing, drawn, noteOf } from './drawing.ts';
import type { Report, ReportRows, VegaLiteSpec } from './report.ts';
import { BAND_IDLE, HUES } from './theme.ts';

/** Loads drawn; a run rarely has more. */
const LOADS = 24;

/** Joules of each model load beside those of one of its requests. */
export const modelLoad: Report = {
  id: 'model-load',
  question: 'What does loading a model cost, against using it?',
  caption: 'Gross joules of the load phase and, for scale, of a mean request after it.',
  note({ documents }: ReportRows): string | null {
    const lines = documents.flatMap((document) => (document.lifecycle ?? []).flatMap(breakEvenText));
    const breakEven =
      lines.length > 0
        ? lines.join(' ')
        : 'When unloading pays off needs idle power without the model, which these runs do not give.';
    return noteOf(breakEven, newestNote(documents));
  },
  build({ documents }: ReportRows): VegaLiteSpec | null {
    const loads = toldApart(documents.flatMap((document) => loadsOf(document, documents))).slice(0, LOADS);
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

function breakEvenText({ model, headline, breakEven_s, residency_W }: LifecycleResult): string[] {
  if (!headline || breakEven_s === null) return [];
  const name = model === null ? 'The model' : shortName(model, 40);
  return [
    `${name} draws ${significant(residency_W.value)} W more while it waits in memory: loading it anew is cheaper after ${spanText(breakEven_s)} without a request.`,
  ];
}

interface LoadRow {
  readonly label: string;
  readonly startedAt: string;
  readonly what: 'load' | 'mean request';
  readonly gross_J: number;
  readonly duration_s: number;
}

/** A load names its model, or in older recordings belongs to that of the first trial after it. */
function loadsOf(document: RunDocument, all: readonly RunDocument[]): LoadRow[] {
  const times = new Map<string, number>();
  return document.phases
    .filter((phase) => phase.kind === 'load')
    .flatMap((load): LoadRow[] => {
      const next = document.trials.find((trial) => (trial.phases[0]?.start_s ?? 0) >= load.end_s);
      const model = load.model ?? next?.model;
      const gross_J = load.energy.find((one) => one.domain === document.headline)?.gross_J ?? null;
      if (gross_J === null || model === undefined || isHistory(document, model, all)) return [];
      const nth = (times.get(model) ?? 0) + 1;
      times.set(model, nth);
      const label = `${shortName(model, 40)}${nth > 1 ? ` · load ${nth}` : ''}`;
      const { startedAt } = document.run;
      const duration_s = drawn(load.end_s - load.start_s, 4);
      const mean = meanRequest(document, { model, from_s: load.end_s });
      return [
        { label, startedAt, what: 'load', gross_J: drawn(gross_J), duration_s },
        ...mean.map((request): LoadRow => ({ label, startedAt, what: 'mean request', ...request })),
      ];
    });
}

/** An earlier run of a configuration of which only the newest is drawn. */
function isHistory(document: RunDocument, model: string, all: readonly RunDocument[]): boolean {
  const own = configurations(all).filter((one) => one.document === document && one.summary.model === model);
  return own.length > 0 && !standing(all).some((one) => own.includes(one));
}

/** Rows of several runs would be drawn as one bar: where a label is of more than one, each says which. */
function toldApart(loads: readonly LoadRow[]): LoadRow[] {
  const starts = new Map<string, Set<string>>();
  for (const { label, startedAt } of loads)
    starts.set(label, new Set([...(starts.get(label) ?? []), startedAt]));
  return loads.map((load) =>
    (starts.get(load.label)?.size ?? 0) < 2
      ? load
      : { ...load, label: `${load.label} · ${load.startedAt.slice(0, 16).replace('T', ' ')}` },
  );
}

function meanRequest(
  document: RunDocument,
  of: { readonly model: string; readonly from_s: number },
): Pick<LoadRow, 'gross_J' | 'duration_s'>[] {
  const requests = document.trials.flatMap((trial) => {
    const row = trial.energy.find((one) => one.domain === document.headline);
    if (trial.model !== of.model || !((trial.completion?.requested_s ?? Number.NaN) >= of.from_s)) return [];
    if (row === undefined || row.gross_J === null) return [];
    return [{ gross_J: row.gross_J, duration_s: trial.completion?.latency.duration_s ?? 0 }];
  });
  if (requests.length === 0) return [];
  const meanOf = (pick: (one: { gross_J: number; duration_s: number }) => number): number =>
    drawn(requests.reduce((sum, one) => sum + pick(one), 0) / requests.length);
  return [
    {
      gross_J: meanOf((one) => one.gross_J),
      duration_s: meanOf((one) => one.duration_s),
    },
  ];
}
