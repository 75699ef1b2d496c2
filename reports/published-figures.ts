import { type Configuration, machineOf, standing } from './configuration.ts';
import { drawing, drawn, noteOf } from './drawing.ts';
import type { PublishedFigure, PublishedFigures, Report, ReportRows, VegaLiteSpec } from './report.ts';
import { BAND_IDLE, HUES, INK, MUTED } from './theme.ts';

/** Rows that stay readable in one picture. */
const ROWS = 16;

interface Row {
  readonly configuration: Configuration;
  readonly figures: PublishedFigures;
}

/** Gross J/token of each configuration in front of what was published for models of like size, with its sources. */
export const publishedFigures: Report = {
  id: 'published-figures',
  question: 'Is that what others have found?',
  caption:
    'The dot is gross J per output token, idle power included, as most figures are published. The band behind it spans what was published for one request at a time, over a like scope, on models of half to twice as many active parameters; each stroke is one figure, an arrow one from peak power, whose truth is at most that. Other machines, other prompts: a result far outside the band is to be looked at twice, not corrected.',
  note(rows: ReportRows): string | null {
    const all = rowsOf(rows);
    const sources = [...new Set(all.flatMap(({ figures }) => figures.values.map(({ source }) => source)))];
    const cut = all.length > ROWS ? `Drawn are the ${ROWS} cheapest of ${all.length} configurations.` : '';
    return noteOf(sources.length === 0 ? null : `Sources: ${sources.join('; ')}.`, cut);
  },
  build(rows: ReportRows): VegaLiteSpec | null {
    const shown = rowsOf(rows).slice(0, ROWS);
    if (shown.length === 0) return null;
    return drawing({
      height: { step: 44 },
      datasets: {
        bands: shown.map(bandOf),
        figures: shown.flatMap(({ configuration: { label }, figures }) =>
          figures.values.map((figure) => ({ label, ...figureOf(figure) })),
        ),
        own: shown.map(({ configuration }) => ownOf(configuration)),
      },
      layer: [bandLayer(), figureLayer(false), figureLayer(true), ...ownLayers(), nameLayer()],
    });
  },
};

function rowsOf({ documents, published }: ReportRows): Row[] {
  return standing(documents).flatMap((configuration) => {
    const { domain, gross_JPerTok, model } = configuration.summary;
    const figures = published.find((one) => one.model === model && one.domain === domain);
    return figures === undefined || gross_JPerTok.value === null ? [] : [{ configuration, figures }];
  });
}

function bandOf({ configuration: { label }, figures: { values } }: Row): object {
  const costs = values.map(({ value_JPerTok }) => value_JPerTok);
  return { label, least_JPerTok: Math.min(...costs), most_JPerTok: Math.max(...costs), n: values.length };
}

function figureOf(figure: PublishedFigure): object {
  const { isUpperBound, machine, model, setup, source, value_JPerTok } = figure;
  return { value_JPerTok, isUpperBound, what: `${model} on ${machine}`, setup, source };
}

function ownOf({ document, label, summary: { gross_JPerTok } }: Configuration): object {
  const value = gross_JPerTok.value ?? 0;
  return {
    label,
    machine: machineOf(document.environment),
    gross_JPerTok: drawn(value),
    low_JPerTok: drawn(gross_JPerTok.ci95?.[0] ?? value),
    high_JPerTok: drawn(gross_JPerTok.ci95?.[1] ?? value),
  };
}

const LABEL = { field: 'label', type: 'nominal', sort: null, axis: null } as const;
const BAND_PX = 16;
/** The name stands in the upper part of a row, the figures below it. */
const DOWN_PX = 8;

function bandLayer(): object {
  return {
    data: { name: 'bands' },
    mark: { type: 'bar', height: BAND_PX, yOffset: DOWN_PX, color: BAND_IDLE, opacity: 0.6 },
    encoding: {
      y: LABEL,
      x: {
        field: 'least_JPerTok',
        type: 'quantitative',
        title: 'gross J per output token',
        scale: { zero: true },
      },
      x2: { field: 'most_JPerTok' },
      tooltip: [
        { field: 'least_JPerTok', title: 'published from' },
        { field: 'most_JPerTok', title: 'to' },
        { field: 'n', title: 'figures' },
      ],
    },
  };
}

function figureLayer(isUpperBound: boolean): object {
  const stroke = { type: 'tick', thickness: 1.5, height: BAND_PX };
  const arrow = { type: 'point', shape: 'triangle-left', size: 36, filled: true, opacity: 1 };
  return {
    data: { name: 'figures' },
    transform: [{ filter: { field: 'isUpperBound', equal: isUpperBound } }],
    mark: { ...(isUpperBound ? arrow : stroke), color: MUTED, yOffset: DOWN_PX },
    encoding: {
      y: LABEL,
      x: { field: 'value_JPerTok', type: 'quantitative' },
      tooltip: [
        { field: 'what', title: 'published' },
        { field: 'value_JPerTok', title: 'J/token' },
        { field: 'setup' },
        { field: 'source' },
      ],
    },
  };
}

function ownLayers(): object[] {
  return [
    {
      data: { name: 'own' },
      mark: { type: 'rule', strokeWidth: 1.6, color: INK, yOffset: DOWN_PX },
      encoding: {
        y: LABEL,
        x: { field: 'low_JPerTok', type: 'quantitative' },
        x2: { field: 'high_JPerTok' },
      },
    },
    {
      data: { name: 'own' },
      mark: { type: 'point', filled: true, size: 90, color: HUES[0], opacity: 1, yOffset: DOWN_PX },
      encoding: {
        y: LABEL,
        x: { field: 'gross_JPerTok', type: 'quantitative' },
        tooltip: [
          { field: 'label', title: 'model' },
          { field: 'machine' },
          { field: 'gross_JPerTok', title: 'gross J/token', format: '.4g' },
        ],
      },
    },
  ];
}

function nameLayer(): object {
  return {
    data: { name: 'own' },
    mark: {
      type: 'text',
      align: 'left',
      baseline: 'middle',
      fontSize: 12,
      limit: { expr: 'width' },
      dy: -11,
    },
    encoding: { y: LABEL, x: { value: 0 }, text: { field: 'label' } },
  };
}
