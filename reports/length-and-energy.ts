import {
  type ConfiguredTrial,
  colouredConfigurations,
  configuredTrials,
  leftOutNote,
} from './configuration.ts';
import { colourOf, drawing, drawn } from './drawing.ts';
import { remembered } from './remembered.ts';
import type { Report, ReportRows, VegaLiteSpec } from './report.ts';

/** Points in one picture. */
const POINTS = 250;
/** Fewer different lengths show no course. */
const LENGTHS = 3;

interface LengthPoint {
  readonly label: string;
  readonly tokens: number;
  readonly net_J: number;
  readonly low_J: number;
  readonly high_J: number;
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

function placed(tokens: number, net_J: number, doubt_J: number): Omit<LengthPoint, 'label'> {
  return { tokens, net_J: drawn(net_J), low_J: drawn(net_J - doubt_J), high_J: drawn(net_J + doubt_J) };
}

function lengthChart(chart: LengthChart): Report {
  const { id, question, caption } = chart;
  const points = remembered((documents: ReportRows['documents']) => pointsOf(chart, documents));
  return {
    id,
    question,
    caption,
    note({ documents }: ReportRows): string | null {
      const count = points(documents).length;
      const thin =
        count > POINTS ? `Every ${Math.ceil(count / POINTS)}th of ${count} requests is drawn.` : '';
      return [leftOutNote(documents) ?? '', thin].filter((text) => text !== '').join(' ') || null;
    },
    build({ documents }: ReportRows): VegaLiteSpec | null {
      const all = points(documents);
      if (new Set(all.map(({ tokens }) => tokens)).size < LENGTHS) return null;
      const step = Math.ceil(all.length / POINTS);
      const shown = all.filter((_, i) => i % step === 0);
      const labels = [...new Set(shown.map(({ label }) => label))];
      return drawing({ height: 260, datasets: { points: shown }, layer: layersOf(chart, labels) });
    },
  };
}

function pointsOf(chart: LengthChart, documents: ReportRows['documents']): LengthPoint[] {
  return configuredTrials(colouredConfigurations(documents)).flatMap((one) => {
    const point = chart.pointOf(one);
    return point === null ? [] : [{ label: one.label, ...point }];
  });
}

function layersOf(chart: LengthChart, labels: readonly string[]): object[] {
  const x = { field: 'tokens', type: 'quantitative', title: chart.tokensTitle, scale: { zero: true } };
  const color = colourOf(labels);
  return [
    {
      data: { name: 'points' },
      mark: { type: 'rule', strokeWidth: 1.3, opacity: 0.6 },
      encoding: { x, color, y: { field: 'low_J', type: 'quantitative' }, y2: { field: 'high_J' } },
    },
    {
      data: { name: 'points' },
      mark: { type: 'point', filled: true, size: 40, opacity: 0.9 },
      encoding: {
        x,
        color,
        y: { field: 'net_J', type: 'quantitative', title: chart.energyTitle },
        tooltip: [
          { field: 'label', title: 'model' },
          { field: 'tokens' },
          { field: 'net_J', title: 'net J', format: '.4g' },
        ],
      },
    },
  ];
}
