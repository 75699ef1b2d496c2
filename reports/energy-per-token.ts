import type { RunDocument, TrialResult } from '../src/core/result.ts';
import type { Report, ReportRows, VegaLiteSpec } from './report.ts';
import { HUES, INK, THEME_CONFIG } from './theme.ts';

interface TokenEnergy {
  readonly prompt: string;
  readonly category: string;
  readonly model: string;
  readonly sort: 'net' | 'gross';
  readonly value_JPerTok: number;
  readonly low_JPerTok: number;
  readonly high_JPerTok: number;
}

/** Net and gross J/token of every prompt, with the bound as error bar. */
export const energyPerToken: Report = {
  id: 'energy-per-token',
  question: 'What does a token cost, prompt by prompt?',
  caption:
    'Net is gross less the idle power of the same machine with the model loaded. The line is the bound: how far the figure could be off given what the meter said. Short answers have wide bounds.',
  build(rows: ReportRows): VegaLiteSpec | null {
    const values = rows.documents.flatMap((document) =>
      document.trials.flatMap((trial) => tokenEnergies(document, trial)),
    );
    if (values.length === 0) return null;
    const models = new Set(values.map((value) => value.model));
    const facet =
      models.size > 1
        ? {
            facet: {
              row: {
                field: 'model',
                type: 'nominal',
                title: null,
                header: { labelAngle: 0, labelAlign: 'left' },
              },
            },
          }
        : {};
    return {
      config: THEME_CONFIG,
      data: { values },
      ...(models.size > 1 ? { ...facet, spec: bars() } : bars()),
    };
  },
};

function bars(): object {
  const y = { field: 'prompt', type: 'nominal', title: null, sort: null };
  const color = {
    field: 'sort',
    type: 'nominal',
    title: null,
    scale: { domain: ['net', 'gross'], range: [HUES[0], HUES[1]] },
  };
  return {
    width: 560,
    height: { step: 15 },
    layer: [
      {
        mark: { type: 'bar', cornerRadiusEnd: 2 },
        encoding: {
          y,
          yOffset: { field: 'sort', sort: ['net', 'gross'] },
          x: { field: 'value_JPerTok', type: 'quantitative', title: 'J per output token' },
          color,
          tooltip: tooltip(),
        },
      },
      {
        mark: { type: 'rule', strokeWidth: 1.2, color: INK },
        encoding: {
          y,
          yOffset: { field: 'sort', sort: ['net', 'gross'] },
          x: { field: 'low_JPerTok', type: 'quantitative' },
          x2: { field: 'high_JPerTok' },
        },
      },
    ],
  };
}

function tooltip(): readonly object[] {
  return [
    { field: 'prompt' },
    { field: 'category' },
    { field: 'sort' },
    { field: 'value_JPerTok', format: '.4g', title: 'J per output token' },
  ];
}

function tokenEnergies(document: RunDocument, trial: TrialResult): TokenEnergy[] {
  const row = trial.energy.find((candidate) => candidate.domain === document.headline);
  const output_tok = trial.completion?.output_tok ?? null;
  if (row === undefined || output_tok === null || output_tok === 0) return [];
  const bound_JPerTok = (row.uncertainty.bound_J ?? 0) / output_tok;
  const baseline_JPerTok = (row.uncertainty.baseline_J ?? 0) / output_tok;
  return [
    ...bar(trial, 'net', row.net_JPerTok, bound_JPerTok + baseline_JPerTok),
    ...bar(trial, 'gross', row.gross_JPerTok, bound_JPerTok),
  ];
}

function bar(
  trial: TrialResult,
  sort: 'net' | 'gross',
  value_JPerTok: number | null,
  half_JPerTok: number,
): TokenEnergy[] {
  if (value_JPerTok === null) return [];
  const prompt = trial.repetition > 0 ? `${trial.promptId} #${trial.repetition + 1}` : trial.promptId;
  return [
    {
      prompt,
      category: trial.category,
      model: trial.model,
      sort,
      value_JPerTok,
      low_JPerTok: value_JPerTok - half_JPerTok,
      high_JPerTok: value_JPerTok + half_JPerTok,
    },
  ];
}
