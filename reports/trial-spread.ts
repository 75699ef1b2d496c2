import {
  type ConfiguredTrial,
  colouredConfigurations,
  configuredTrials,
  leftOutNote,
} from './configuration.ts';
import { colourOf, drawing, drawn, noteOf, referenceLine } from './drawing.ts';
import { remembered } from './remembered.ts';
import type { Report, ReportRows, VegaLiteSpec } from './report.ts';
import { thinned } from './thin.ts';

/** Points in the picture, over all configurations. */
const POINTS = 500;
const PERCENT = 100;

/** Each trial's net J/token against the mean of its own prompt, in order of time: spread and drift at a glance. */
export const trialSpread: Report = {
  id: 'trial-spread',
  question: 'Do repetitions agree, and does anything drift?',
  caption:
    'Each point is one trial: how far its net J/token lies from the mean of all repetitions of the same prompt. A slope is drift: heat, other work, or a baseline that moves.',
  note({ documents }: ReportRows): string | null {
    const deviations = deviationsOf(documents);
    const thin =
      deviations.length > POINTS
        ? `${deviations.length} trials are drawn as at most ${POINTS} points; the line at a point spans the least and greatest of those that it stands for.`
        : '';
    return noteOf(leftOutNote(documents), thin);
  },
  build({ documents }: ReportRows): VegaLiteSpec | null {
    const deviations = deviationsOf(documents);
    const labels = [...new Set(deviations.map(({ label }) => label))];
    if (deviations.length < 3) return null;
    const points = labels.flatMap((label) =>
      thinned(
        deviations.filter((one) => one.label === label),
        Math.floor(POINTS / labels.length),
      ).map(({ x, low, high, mean, count }) => ({
        label,
        t_s: drawn(x, 7),
        low: drawn(low, 4),
        high: drawn(high, 4),
        mean: drawn(mean, 4),
        n: count,
      })),
    );
    return drawing({ height: 240, datasets: { points }, layer: layersOf(labels) });
  },
};

function layersOf(labels: readonly string[]): object[] {
  const x = {
    field: 't_s',
    type: 'quantitative',
    title: 'time since the start of its run (s)',
    scale: { nice: false, padding: 8 },
    axis: { grid: false },
  };
  const color = colourOf(labels);
  return [
    referenceLine({ y: { datum: 0, type: 'quantitative' } }),
    {
      data: { name: 'points' },
      mark: { type: 'rule', strokeWidth: 1.2, opacity: 0.6 },
      encoding: { x, color, y: { field: 'low', type: 'quantitative' }, y2: { field: 'high' } },
    },
    {
      data: { name: 'points' },
      mark: { type: 'point', filled: true, size: 34, opacity: 0.85 },
      encoding: {
        x,
        color,
        y: { field: 'mean', type: 'quantitative', title: 'off its prompt’s mean (%)' },
        tooltip: [
          { field: 'label', title: 'model' },
          { field: 't_s', title: 'at (s)' },
          { field: 'mean', title: 'off by (%)' },
          { field: 'n', title: 'trials' },
        ],
      },
    },
  ];
}

interface Deviation {
  readonly label: string;
  readonly x: number;
  readonly y: number;
}

/** Percent off the prompt's mean, for prompts with at least two figures and a positive mean. */
const deviationsOf = remembered((documents: ReportRows['documents']): readonly Deviation[] => {
  const trials = configuredTrials(colouredConfigurations(documents));
  const sums = new Map<string, { sum: number; count: number }>();
  const keyOf = ({ label, trial }: ConfiguredTrial): string => `${label}\n${trial.promptId}`;
  for (const one of trials) {
    if (one.row.net_JPerTok === null) continue;
    const entry = sums.get(keyOf(one)) ?? { sum: 0, count: 0 };
    sums.set(keyOf(one), { sum: entry.sum + one.row.net_JPerTok, count: entry.count + 1 });
  }
  return trials.flatMap((one) => {
    const entry = sums.get(keyOf(one));
    const cost = one.row.net_JPerTok;
    if (entry === undefined || cost === null || entry.count < 2 || !(entry.sum > 0)) return [];
    const mean = entry.sum / entry.count;
    return [{ label: one.label, x: one.trial.completion?.requested_s ?? 0, y: (cost / mean - 1) * PERCENT }];
  });
});
