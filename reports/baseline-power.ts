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

/** Trials drawn per page: more cannot be told apart. */
const TRIALS = 250;
const ROOM = 1.08;

/** Idle power before and after each request, and the value between that net energy is reckoned with. */
export const baselinePower: Report = {
  id: 'baseline-power',
  question: 'Was the machine as idle after the request as before?',
  caption:
    'The line joins idle power before and after each request; the point is what was subtracted, with the half-width of its 95 % interval. A long line is a baseline that moved under the trial.',
  note({ documents }: ReportRows): string | null {
    return noteOf(leftOutNote(documents), everyNthNote(measured(documents).length, TRIALS, 'trials'));
  },
  build({ documents }: ReportRows): VegaLiteSpec | null {
    const baselines = everyNth(measured(documents), TRIALS).flatMap(rowOf);
    if (baselines.length === 0) return null;
    const labels = [...new Set(baselines.map(({ label }) => label))];
    return drawing({ height: 220, datasets: { baselines }, layer: layersOf(labels, mostOf(baselines)) });
  },
};

function mostOf(baselines: readonly BaselineRow[]): number {
  return Math.max(...baselines.flatMap(({ before_W, after_W, high_W }) => [before_W, after_W, high_W]));
}

function layersOf(labels: readonly string[], most_W: number): object[] {
  const x = {
    field: 't_s',
    type: 'quantitative',
    title: 'time since the start of its run (s)',
    scale: { nice: false, padding: 8 },
    axis: { grid: false },
  };
  const color = colourOf(labels);
  // From zero, so that a baseline that moved by a little looks so; with room above the greatest.
  const scale = most_W > 0 ? { zero: true, domainMax: drawn(most_W * ROOM) } : { zero: true };
  return [
    {
      data: { name: 'baselines' },
      mark: { type: 'rule', strokeWidth: 3, opacity: 0.35 },
      encoding: { x, color, y: { field: 'before_W', type: 'quantitative', scale }, y2: { field: 'after_W' } },
    },
    {
      data: { name: 'baselines' },
      mark: { type: 'rule', strokeWidth: 1.2 },
      encoding: { x, color, y: { field: 'low_W', type: 'quantitative' }, y2: { field: 'high_W' } },
    },
    {
      data: { name: 'baselines' },
      mark: { type: 'point', filled: true, size: 42, opacity: 1 },
      encoding: {
        x,
        color,
        y: { field: 'power_W', type: 'quantitative', title: 'idle power (W)' },
        tooltip: [
          { field: 'label', title: 'model' },
          { field: 'prompt' },
          { field: 'before_W', title: 'before (W)', format: '.4g' },
          { field: 'after_W', title: 'after (W)', format: '.4g' },
          { field: 'power_W', title: 'subtracted (W)', format: '.4g' },
        ],
      },
    },
  ];
}

interface BaselineRow {
  readonly label: string;
  readonly prompt: string;
  readonly t_s: number;
  readonly power_W: number;
  readonly before_W: number;
  readonly after_W: number;
  readonly low_W: number;
  readonly high_W: number;
}

const measured = remembered((documents: ReportRows['documents']): readonly ConfiguredTrial[] =>
  configuredTrials(colouredConfigurations(documents)).filter(({ row }) => row.baseline !== null),
);

function rowOf({ label, trial, row }: ConfiguredTrial): BaselineRow[] {
  if (row.baseline === null) return [];
  const { power_W, halfWidth_W, before_W, after_W } = row.baseline;
  return [
    {
      label,
      prompt: trial.promptId,
      t_s: drawn(trial.completion?.requested_s ?? trial.phases[0]?.start_s ?? 0, 7),
      power_W: drawn(power_W),
      before_W: drawn(before_W ?? power_W),
      after_W: drawn(after_W ?? power_W),
      low_W: drawn(power_W - halfWidth_W),
      high_W: drawn(power_W + halfWidth_W),
    },
  ];
}
