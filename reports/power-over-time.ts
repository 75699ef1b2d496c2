import type { RunDocument } from '../src/core/result.ts';
import type { Report, ReportRows, VegaLiteSpec } from './report.ts';
import { HUES, INK, PHASE_BANDS, THEME_CONFIG } from './theme.ts';

/** Power of each rail over the run, the phases behind it and the tokens as ticks below. */
export const powerOverTime: Report = {
  id: 'power-over-time',
  question: 'When was the power drawn?',
  caption:
    'Each step is one reading over the source’s own window; where a pixel holds several, the shaded range is their least and greatest. Bands are phases, ticks at the bottom are tokens as they arrived.',
  build(rows: ReportRows): VegaLiteSpec | null {
    const document = rows.documents[0];
    if (document === undefined || rows.timeline.length === 0) return null;
    const domains = [...new Set(rows.timeline.map((point) => point.domain))];
    const color = {
      field: 'domain',
      type: 'nominal',
      title: 'rail',
      scale: { domain: domains, range: HUES.slice(0, domains.length) },
    };
    return {
      config: THEME_CONFIG,
      width: 720,
      height: 260,
      layer: [
        bandLayer(document),
        {
          data: { values: rows.timeline },
          mark: { type: 'bar', opacity: 0.35 },
          encoding: {
            x: { field: 'start_s', type: 'quantitative' },
            x2: { field: 'end_s' },
            y: { field: 'min_W', type: 'quantitative', stack: null },
            y2: { field: 'max_W' },
            color,
          },
        },
        {
          data: { values: rows.timeline },
          mark: { type: 'line', interpolate: 'step-after', strokeWidth: 1.4 },
          encoding: {
            x: {
              field: 'start_s',
              type: 'quantitative',
              title: 'time since the start of the run (s)',
              axis: { grid: false },
            },
            y: { field: 'mean_W', type: 'quantitative', title: 'power (W)' },
            color,
          },
        },
        tokenLayer(document),
      ],
      resolve: { scale: { color: 'independent' } },
    };
  },
};

function bandLayer(document: RunDocument): object {
  const ofTrials = document.trials.flatMap((trial) =>
    trial.phases.map((phase) => ({ ...phase, prompt: trial.promptId })),
  );
  const values = [...document.phases.map((phase) => ({ ...phase, prompt: '' })), ...ofTrials].map(
    ({ kind, start_s, end_s, prompt }) => ({ kind, start_s, end_s, prompt }),
  );
  const kinds = PHASE_BANDS.domain.filter((kind) => values.some((value) => value.kind === kind));
  const range = kinds.map((kind) => PHASE_BANDS.range[PHASE_BANDS.domain.indexOf(kind)]);
  return {
    data: { values },
    mark: { type: 'rect' },
    encoding: {
      x: { field: 'start_s', type: 'quantitative' },
      x2: { field: 'end_s' },
      color: { field: 'kind', type: 'nominal', title: 'phase', scale: { domain: kinds, range } },
      tooltip: [
        { field: 'kind', title: 'phase' },
        { field: 'prompt' },
        { field: 'start_s', format: '.2f' },
        { field: 'end_s', format: '.2f' },
      ],
    },
  };
}

/** At most 2,000 ticks: more cannot be told apart at this width. */
function tokenLayer(document: RunDocument): object {
  const all = document.trials.flatMap(
    (trial) => trial.completion?.tokens.map((delta) => ({ arrival_s: delta.arrival_s })) ?? [],
  );
  const step = Math.max(1, Math.ceil(all.length / 2000));
  return {
    data: { values: all.filter((_, i) => i % step === 0) },
    mark: { type: 'tick', thickness: 0.6, size: 8, opacity: 0.5, color: INK, yOffset: 6 },
    encoding: { x: { field: 'arrival_s', type: 'quantitative' }, y: { datum: 0, type: 'quantitative' } },
  };
}
