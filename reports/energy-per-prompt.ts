import {
  type ConfiguredTrial,
  colouredConfigurations,
  configuredTrials,
  leftOutNote,
} from './configuration.ts';
import { colourOf, drawing, drawn, noteOf } from './drawing.ts';
import type { Report, ReportRows, VegaLiteSpec } from './report.ts';

/** Prompts that stay readable in one picture. */
const PROMPTS = 40;

/** Net J/token of every prompt and configuration with its bound: ΣE/Σn over the repetitions. */
export const energyPerPrompt: Report = {
  id: 'energy-per-prompt',
  question: 'What does a token cost, prompt by prompt?',
  caption:
    'Joules over tokens of all repetitions of a prompt, net of idle. The line is the bound: how far the figure could be off given what the meter said and how well idle power is known. Short answers have wide bounds.',
  note({ documents }: ReportRows): string | null {
    const prompts = promptIds(configuredTrials(colouredConfigurations(documents)));
    const cut = prompts.length > PROMPTS ? `The first ${PROMPTS} of ${prompts.length} prompts.` : '';
    return noteOf(leftOutNote(documents), cut);
  },
  build({ documents }: ReportRows): VegaLiteSpec | null {
    const trials = configuredTrials(colouredConfigurations(documents));
    const prompts = promptIds(trials).slice(0, PROMPTS);
    const values = groups(trials)
      .map(costOf)
      .filter((cost) => cost !== null)
      .filter(({ prompt }) => prompts.includes(prompt));
    const labels = [...new Set(values.map(({ label }) => label))];
    if (values.length === 0) return null;
    const y = { field: 'prompt', type: 'nominal', title: null, sort: prompts, axis: { grid: true } };
    const yOffset = { field: 'label', type: 'nominal', sort: labels, bandPosition: 0.5 };
    const color = colourOf(labels);
    return drawing({
      height: { step: labels.length > 1 ? 11 : 26 },
      datasets: { costs: values },
      layer: [
        {
          data: { name: 'costs' },
          mark: { type: 'rule', strokeWidth: 1.6, opacity: 0.7 },
          encoding: {
            y,
            yOffset,
            color,
            x: { field: 'low_JPerTok', type: 'quantitative' },
            x2: { field: 'high_JPerTok' },
          },
        },
        {
          data: { name: 'costs' },
          mark: { type: 'point', filled: true, size: 55, opacity: 1 },
          encoding: {
            y,
            yOffset,
            color,
            x: {
              field: 'net_JPerTok',
              type: 'quantitative',
              title: 'net J per output token',
              scale: { zero: true },
            },
            tooltip: [
              { field: 'label', title: 'model' },
              { field: 'prompt' },
              { field: 'net_JPerTok', title: 'net J/token', format: '.4g' },
              { field: 'low_JPerTok', title: 'bound from', format: '.4g' },
              { field: 'high_JPerTok', title: 'bound to', format: '.4g' },
              { field: 'n', title: 'trials' },
            ],
          },
        },
      ],
    });
  },
};

function promptIds(trials: readonly ConfiguredTrial[]): string[] {
  return [...new Set(trials.map(({ trial }) => trial.promptId))];
}

function groups(trials: readonly ConfiguredTrial[]): ConfiguredTrial[][] {
  const found = new Map<string, ConfiguredTrial[]>();
  for (const one of trials) {
    const key = `${one.label}\n${one.trial.promptId}`;
    const group = found.get(key);
    if (group === undefined) found.set(key, [one]);
    else group.push(one);
  }
  return [...found.values()];
}

interface PromptCost {
  readonly label: string;
  readonly prompt: string;
  readonly net_JPerTok: number;
  readonly low_JPerTok: number;
  readonly high_JPerTok: number;
  readonly n: number;
}

function costOf(group: readonly ConfiguredTrial[]): PromptCost | null {
  const first = group[0];
  let net_J = 0;
  let doubt_J = 0;
  let tokens = 0;
  let n = 0;
  for (const { trial, row } of group) {
    const output_tok = trial.completion?.output_tok ?? null;
    if (row.net_J === null || output_tok === null || output_tok === 0) continue;
    net_J += row.net_J;
    doubt_J += (row.uncertainty.bound_J ?? 0) + (row.uncertainty.baseline_J ?? 0);
    tokens += output_tok;
    n++;
  }
  if (first === undefined || n === 0) return null;
  return {
    label: first.label,
    prompt: first.trial.promptId,
    net_JPerTok: drawn(net_J / tokens),
    low_JPerTok: drawn((net_J - doubt_J) / tokens),
    high_JPerTok: drawn((net_J + doubt_J) / tokens),
    n,
  };
}
