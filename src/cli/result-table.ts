import { fixed, percent, significant } from '../core/number-text.ts';
import type { EnergyRow, RunDocument, Summary, TrialResult } from '../core/result.ts';
import { tokenRate } from '../core/token-rate.ts';
import { closureLines } from './closure-lines.ts';
import { experimentLines } from './experiment-lines.ts';
import { INVENTED } from './invented.ts';
import { modelLines } from './models-table.ts';
import { lifecycleLines, partsLines } from './parts-lines.ts';
import { type Column, safeText, textTable } from './text-table.ts';
import { wrapped } from './wrapped.ts';

/** The answer of a run as lines of at most `width` columns: headline, trials, rails, truth where simulated, warnings. */
export function resultLines(document: RunDocument, width: number): string[] {
  const sections = [
    headlineLines(document).flatMap((line) => wrapped(line, width)),
    [...partsLines(document), ...(isOfMany(document) ? [] : lifecycleLines(document))].flatMap((line) =>
      wrapped(line, width),
    ),
    modelLines(document, width),
    trialLines(document, width),
    railLines(document, width),
    closureLines(document).flatMap((line) => wrapped(line, width)),
    truthLines(document, width),
    experimentLines(document, width),
    warningLines(document).flatMap((line) => wrapped(line, width)),
  ];
  return sections
    .filter((section) => section.length > 0)
    .flatMap((section, i) => (i === 0 ? section : ['', ...section]));
}

/** Models that are told one by one; more of them are told in a table alone. */
const MODELS_TOLD = 2;

function isOfMany({ trials }: RunDocument): boolean {
  return new Set(trials.map(({ model }) => model)).size > MODELS_TOLD;
}

interface TrialLine {
  readonly trial: TrialResult;
  readonly row: EnergyRow | undefined;
}

const TRIAL_COLUMNS: readonly Column<TrialLine>[] = [
  {
    heading: 'prompt',
    align: 'left',
    expendable: 0,
    cell: ({ trial }) =>
      trial.repetition > 0 ? `${trial.promptId} #${trial.repetition + 1}` : trial.promptId,
  },
  {
    heading: 'tok',
    align: 'right',
    expendable: 1,
    cell: ({ trial }) => String(trial.completion?.output_tok ?? '–'),
  },
  {
    heading: 'TTFT s',
    align: 'right',
    expendable: 3,
    cell: ({ trial }) => fixed(trial.completion?.latency.ttft_s ?? null, 2),
  },
  {
    heading: 'tok/s',
    align: 'right',
    expendable: 1,
    cell: ({ row, trial }) => fixed(row?.tokPerS ?? tokenRate(trial.completion), 1),
  },
  {
    heading: 'W',
    align: 'right',
    expendable: 2,
    cell: ({ trial, row }) => significant(meanPower_W(trial, row)),
  },
  {
    heading: 'gross J/tok',
    align: 'right',
    expendable: 0,
    cell: ({ row }) => significant(row?.gross_JPerTok ?? null),
  },
  {
    heading: 'net J/tok',
    align: 'right',
    expendable: 0,
    cell: ({ row }) => significant(row?.net_JPerTok ?? null),
  },
  { heading: '± bound', align: 'right', expendable: 1, cell: ({ row }) => percent(boundRatio(row)) },
  {
    heading: 'tok/s/W',
    align: 'right',
    expendable: 2,
    cell: ({ row }) => significant(row?.tokPerSPerW ?? null),
  },
  { heading: 'grade', align: 'left', expendable: 1, cell: ({ row }) => row?.grade ?? '–' },
];

function headlineLines(document: RunDocument): string[] {
  const lines = document.simulated === true ? [simulatedLine(document)] : [];
  const answers = document.summary.filter((s) => s.category === 'all' && s.headline);
  if (!isOfMany(document)) lines.push(...answers.flatMap(answer));
  for (const { domain, n, count, codes } of document.passedOver ?? []) {
    const why = codes.length === 0 ? '' : `: ${codes.join(', ')}`;
    lines.push(`${safeText(domain)} is wider, but has joules for ${n} of ${count}${why}`);
  }
  if (document.headline === null)
    lines.push('No energy: no power source could be read. Speed only; lmpower doctor says why.');
  return lines;
}

function simulatedLine({ domains }: RunDocument): string {
  return domains.some(({ source }) => source === INVENTED)
    ? 'SIMULATED: the watts below are made up'
    : 'SIMULATED: the machine, the server and the watts below are the lab of lmpower demo';
}

function answer(summary: Summary): string[] {
  const net = `${significant(summary.net_JPerTok.value)} J/token net${interval(summary.net_JPerTok.ci95)}`;
  const gross = `${significant(summary.gross_JPerTok.value)} gross`;
  const rate = `${fixed(summary.tokPerS.value, 1)} tok/s, ${significant(summary.tokPerSPerW.value)} tok/s/W`;
  return [
    `${safeText(summary.model)}: ${net}, ${gross}`,
    `${rate} · grade ${summary.grade} · n = ${summary.n} · ${summary.workload}`,
    `${summary.domain}: ${summary.scope}`,
  ];
}

function interval(ci95: readonly [number, number] | null): string {
  return ci95 === null ? '' : ` (95 %: ${significant(ci95[0])} … ${significant(ci95[1])})`;
}

function trialLines(document: RunDocument, width: number): string[] {
  const lines = document.trials.map((trial) => ({ trial, row: headlineRow(document, trial) }));
  const standsIn =
    document.headline === null && document.trials.some((trial) => trial.serverCpu !== undefined);
  const isOfMany = new Set(document.trials.map(({ model }) => model)).size > 1;
  const columns = [...(isOfMany ? [MODEL_COLUMN] : []), ...TRIAL_COLUMNS, ...(standsIn ? [CPU_COLUMN] : [])];
  return lines.length === 0 ? [] : textTable(lines, columns, width);
}

/** Where no meter is: what the server's processes worked, which is no energy. */
const MODEL_COLUMN: Column<TrialLine> = {
  heading: 'model',
  align: 'left',
  expendable: 0,
  cell: ({ trial }) => trial.model,
};

const CPU_COLUMN: Column<TrialLine> = {
  heading: 'CPU s/tok',
  align: 'right',
  expendable: 0,
  cell: ({ trial }) => significant(trial.serverCpu?.cpu_sPerTok ?? null),
};

function headlineRow(document: RunDocument, trial: TrialResult): EnergyRow | undefined {
  return trial.energy.find((row) => row.domain === document.headline);
}

function meanPower_W(trial: TrialResult, row: EnergyRow | undefined): number | null {
  const inference = trial.phases.find((phase) => phase.kind === 'inference');
  return inference?.energy.find((energy) => energy.domain === row?.domain)?.meanPower_W ?? null;
}

function boundRatio(row: EnergyRow | undefined): number | null {
  if (row === undefined || row.uncertainty.bound_J === null) return null;
  const base_J = row.net_J ?? row.gross_J;
  return base_J === null || base_J === 0 ? null : row.uncertainty.bound_J / Math.abs(base_J);
}

const RAIL_COLUMNS: readonly Column<Summary>[] = [
  { heading: 'rail', align: 'left', expendable: 0, cell: (s) => s.domain },
  { heading: 'net J/tok', align: 'right', expendable: 0, cell: (s) => significant(s.net_JPerTok.value) },
  { heading: 'gross J/tok', align: 'right', expendable: 0, cell: (s) => significant(s.gross_JPerTok.value) },
  { heading: 'tok/s/W', align: 'right', expendable: 1, cell: (s) => significant(s.tokPerSPerW.value) },
  { heading: 'scope', align: 'left', expendable: 2, cell: (s) => s.scope },
];

function railLines(document: RunDocument, width: number): string[] {
  const models = new Set(document.summary.map((s) => s.model));
  const rails = document.summary.filter((s) => s.category === 'all' && !s.headline);
  if (models.size !== 1 || rails.length === 0) return [];
  return textTable(rails, RAIL_COLUMNS, width);
}

interface TruthLine {
  readonly name: string;
  readonly measured_J: number | null;
  readonly true_J: number;
  readonly bound_J: number | null;
  readonly baseline_J: number | null;
}

const TRUTH_COLUMNS: readonly Column<TruthLine>[] = [
  { heading: 'against the truth', align: 'left', expendable: 0, cell: (line) => line.name },
  { heading: 'measured J', align: 'right', expendable: 0, cell: (line) => fixed(line.measured_J, 2) },
  { heading: 'true J', align: 'right', expendable: 0, cell: (line) => fixed(line.true_J, 2) },
  {
    heading: 'error',
    align: 'right',
    expendable: 0,
    cell: (line) => percent(line.measured_J === null ? null : line.measured_J / line.true_J - 1, 2),
  },
  {
    heading: '± bound',
    align: 'right',
    expendable: 1,
    cell: (line) => percent(line.bound_J === null ? null : line.bound_J / line.true_J, 2),
  },
  {
    heading: '± baseline',
    align: 'right',
    expendable: 2,
    cell: (line) => percent(line.baseline_J === null ? null : line.baseline_J / line.true_J, 2),
  },
];

function truthLines(document: RunDocument, width: number): string[] {
  const lines = document.trials.flatMap((trial): TruthLine[] => {
    const row = headlineRow(document, trial);
    if (trial.truth === undefined || row === undefined) return [];
    const bound_J = row.uncertainty.bound_J;
    return [
      {
        name: `${trial.promptId} gross`,
        measured_J: row.gross_J,
        true_J: trial.truth.gross_J,
        bound_J,
        baseline_J: null,
      },
      {
        name: `${trial.promptId} net`,
        measured_J: row.net_J,
        true_J: trial.truth.net_J,
        bound_J,
        baseline_J: row.uncertainty.baseline_J,
      },
    ];
  });
  return lines.length === 0 ? [] : textTable(lines, TRUTH_COLUMNS, width);
}

function warningLines(document: RunDocument): string[] {
  return document.warnings.flatMap(({ code, count, message, remedy, severity }) => [
    `${code} ×${count} (${severity}): ${message}`,
    `  → ${remedy}`,
  ]);
}
