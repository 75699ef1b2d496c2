import {
  type ConfiguredTrial,
  colouredConfigurations,
  configuredTrials,
  leftOutNote,
} from './configuration.ts';
import { colourOf, drawing, drawn, noteOf } from './drawing.ts';
import { remembered } from './remembered.ts';
import type { Report, ReportRows, VegaLiteSpec } from './report.ts';
import { everyNth, everyNthNote } from './thin.ts';

/** Points in one picture. */
const POINTS = 250;
/** Fewer different lengths show no course. */
const LENGTHS = 3;

interface LengthPoint {
  readonly label: string;
  readonly tokens: number;
  /** In the chart's own unit, with its bound. */
  readonly energy: number;
  readonly low: number;
  readonly high: number;
}

interface LengthChart extends Pick<Report, 'id' | 'question' | 'caption'> {
  readonly tokensTitle: string;
  readonly energyTitle: string;
  readonly pointOf: (one: ConfiguredTrial) => Omit<LengthPoint, 'label'> | null;
}

/** Net joules of the whole request against the length of its answer. */
export const answerLength: Report = lengthChart({
  id: 'answer-length',
  question: 'How do joules grow with the length of the answer?',
  caption:
    'One point a request; the line is its bound. A straight course through the origin means a constant price per token; one that bends upward, that each token costs more as the context fills.',
  tokensTitle: 'output tokens',
  energyTitle: 'net J per request',
  pointOf: ({ trial, row }) => {
    const tokens = trial.completion?.output_tok ?? null;
    if (tokens === null || row.net_J === null) return null;
    const doubt_J = (row.uncertainty.bound_J ?? 0) + (row.uncertainty.baseline_J ?? 0);
    return placed(tokens, row.net_J, doubt_J);
  },
});

/** Net joules of prefill against the prompt tokens that it worked on. */
export const promptLength: Report = lengthChart({
  id: 'prompt-length',
  question: 'How do joules grow with the length of the prompt?',
  caption:
    'One point a request whose prefill is long enough for the meter; tokens served from the prompt cache are not counted. The line is the bound of the prefill window.',
  tokensTitle: 'prompt tokens that were worked on',
  energyTitle: 'net J of prefill',
  pointOf: ({ row: { prefill } }) =>
    prefill === null || prefill.tokens === null || prefill.net_J === null
      ? null
      : placed(prefill.tokens, prefill.net_J, prefill.bound_J),
});

/** Net joules of one decoded token against the context that it looked back on. */
export const contextLength: Report = lengthChart({
  id: 'context-length',
  question: 'What does a token cost as the context fills?',
  caption:
    'One point a request whose decode is long enough for the meter: its net joules per decoded token, over the mean context, which is the prompt and half of the answer. The line is the bound of the decode window. A level course means that context is free.',
  tokensTitle: 'tokens of context, mean over the answer',
  energyTitle: 'net J per decoded token',
  pointOf: ({ trial, row: { decode } }) => {
    const { input_tok = null, output_tok = null } = trial.completion ?? {};
    if (input_tok === null || output_tok === null || trial.requests !== undefined) return null;
    if (decode === null || decode.net_JPerTok === null || !((decode.tokens ?? 0) > 0)) return null;
    return placed(input_tok + output_tok / 2, decode.net_JPerTok, decode.bound_J / (decode.tokens ?? 1));
  },
});

function placed(tokens: number, energy: number, doubt: number): Omit<LengthPoint, 'label'> {
  return { tokens, energy, low: energy - doubt, high: energy + doubt };
}

function lengthChart(chart: LengthChart): Report {
  const { id, question, caption } = chart;
  const points = remembered((documents: ReportRows['documents']) => pointsOf(chart, documents));
  return {
    id,
    question,
    caption,
    note({ documents }: ReportRows): string | null {
      return noteOf(leftOutNote(documents), everyNthNote(points(documents).length, POINTS, 'requests'));
    },
    build({ documents }: ReportRows): VegaLiteSpec | null {
      const all = points(documents);
      if (new Set(all.map(({ tokens }) => tokens)).size < LENGTHS) return null;
      const shown = everyNth(all, POINTS).map(({ label, tokens, energy, low, high }) => ({
        ...{ label, tokens },
        ...{ energy: drawn(energy), low: drawn(low), high: drawn(high) },
      }));
      const labels = [...new Set(shown.map(({ label }) => label))];
      return drawing({ height: 260, datasets: { points: shown }, layer: layersOf(chart, labels) });
    },
  };
}

function pointsOf(chart: LengthChart, documents: ReportRows['documents']): LengthPoint[] {
  const points: LengthPoint[] = [];
  for (const one of configuredTrials(colouredConfigurations(documents))) {
    const point = chart.pointOf(one);
    if (point !== null) points.push({ label: one.label, ...point });
  }
  return points;
}

function layersOf(chart: LengthChart, labels: readonly string[]): object[] {
  const x = { field: 'tokens', type: 'quantitative', title: chart.tokensTitle, scale: { zero: true } };
  const color = colourOf(labels);
  return [
    {
      data: { name: 'points' },
      mark: { type: 'rule', strokeWidth: 1.3, opacity: 0.6 },
      encoding: { x, color, y: { field: 'low', type: 'quantitative' }, y2: { field: 'high' } },
    },
    {
      data: { name: 'points' },
      mark: { type: 'point', filled: true, size: 40, opacity: 0.9 },
      encoding: {
        x,
        color,
        y: { field: 'energy', type: 'quantitative', title: chart.energyTitle },
        tooltip: [
          { field: 'label', title: 'model' },
          { field: 'tokens', title: chart.tokensTitle },
          { field: 'energy', title: chart.energyTitle, format: '.4g' },
        ],
      },
    },
  ];
}
