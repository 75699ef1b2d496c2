import { configurations, configuredTrials } from './configuration.ts';
import { drawing, drawn, referenceLine } from './drawing.ts';
import { remembered } from './remembered.ts';
import type { Report, ReportRows, VegaLiteSpec } from './report.ts';
import { HUES } from './theme.ts';

const PERCENT = 100;
const TRIALS = 60;

/** Only where the lab took part: how far each trial's net joules lie from the closed-form truth, with the bound. */
export const measuredAgainstTruth: Report = {
  id: 'measured-against-truth',
  question: 'Does the meter tell the truth?',
  caption:
    'The simulated machine knows its energy in closed form. Each point is a trial’s measured net energy off that truth; the line is its bound and the uncertainty of idle power, and should reach the dashed line.',
  note({ documents }: ReportRows): string | null {
    const all = errorsOf(documents);
    const inside = all.filter(({ low, high }) => low <= 0 && high >= 0).length;
    const cut = all.length > TRIALS ? ` The first ${TRIALS} are drawn.` : '';
    return all.length === 0 ? null : `Truth lies within the line in ${inside} of ${all.length} trials.${cut}`;
  },
  build({ documents }: ReportRows): VegaLiteSpec | null {
    const errors = errorsOf(documents).slice(0, TRIALS);
    if (errors.length === 0) return null;
    const y = { field: 'trial', type: 'ordinal', title: 'trial', sort: null, axis: { grid: true } };
    return drawing({
      height: { step: 20 },
      datasets: { errors },
      layer: [
        referenceLine({ x: { datum: 0, type: 'quantitative' } }),
        {
          data: { name: 'errors' },
          mark: { type: 'rule', strokeWidth: 1.6, color: HUES[0], opacity: 0.7 },
          encoding: { y, x: { field: 'low', type: 'quantitative' }, x2: { field: 'high' } },
        },
        {
          data: { name: 'errors' },
          mark: { type: 'point', filled: true, size: 60, color: HUES[0], opacity: 1 },
          encoding: {
            y,
            x: { field: 'error', type: 'quantitative', title: 'measured net energy off the truth (%)' },
            tooltip: [
              { field: 'label', title: 'model' },
              { field: 'trial' },
              { field: 'net_J', title: 'measured (J)', format: '.4g' },
              { field: 'truth_J', title: 'truth (J)', format: '.4g' },
              { field: 'error', title: 'off by (%)', format: '.3g' },
            ],
          },
        },
      ],
    });
  },
};

interface ErrorRow {
  readonly label: string;
  readonly trial: string;
  readonly net_J: number;
  readonly truth_J: number;
  readonly error: number;
  readonly low: number;
  readonly high: number;
}

const errorsOf = remembered((documents: ReportRows['documents']): readonly ErrorRow[] =>
  configuredTrials(configurations(documents)).flatMap(({ label, trial, row }) => {
    const truth_J = trial.truth?.net_J ?? 0;
    if (row.net_J === null || !(truth_J > 0)) return [];
    const doubt_J = (row.uncertainty.bound_J ?? 0) + (row.uncertainty.baseline_J ?? 0);
    const off = (energy_J: number): number => drawn((energy_J / truth_J - 1) * PERCENT, 4);
    return [
      {
        label,
        trial: `${trial.index + 1} ${trial.promptId}`,
        net_J: drawn(row.net_J),
        truth_J: drawn(truth_J),
        error: off(row.net_J),
        low: off(row.net_J - doubt_J),
        high: off(row.net_J + doubt_J),
      },
    ];
  }),
);
