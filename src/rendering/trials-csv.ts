import type { EnergyRow, RunDocument, TrialResult } from '../core/result.ts';
import { type CsvCell, csvLine } from './csv.ts';

interface TrialColumn {
  readonly name: string;
  readonly cell: (trial: TrialResult, row: EnergyRow | null) => CsvCell;
}

/** Column names are those of the run document; units are in the names. */
const COLUMNS: readonly TrialColumn[] = [
  { name: 'trial', cell: (trial) => trial.index },
  { name: 'model', cell: (trial) => trial.model },
  { name: 'workload', cell: (trial) => trial.workload },
  { name: 'promptId', cell: (trial) => trial.promptId },
  { name: 'category', cell: (trial) => trial.category },
  { name: 'repetition', cell: (trial) => trial.repetition },
  { name: 'domain', cell: (_trial, row) => row?.domain ?? null },
  { name: 'scope', cell: (_trial, row) => row?.scope ?? null },
  { name: 'input_tok', cell: (trial) => trial.completion?.input_tok ?? null },
  { name: 'cached_tok', cell: (trial) => trial.completion?.cached_tok ?? null },
  { name: 'output_tok', cell: (trial) => trial.completion?.output_tok ?? null },
  { name: 'ttft_s', cell: (trial) => trial.completion?.latency.ttft_s ?? null },
  { name: 'duration_s', cell: (trial) => trial.completion?.latency.duration_s ?? null },
  { name: 'gross_J', cell: (_trial, row) => row?.gross_J ?? null },
  { name: 'net_J', cell: (_trial, row) => row?.net_J ?? null },
  { name: 'bound_J', cell: (_trial, row) => row?.uncertainty.bound_J ?? null },
  { name: 'baseline_W', cell: (_trial, row) => row?.baseline?.power_W ?? null },
  { name: 'prefill_J', cell: (_trial, row) => row?.prefill?.gross_J ?? null },
  { name: 'decode_J', cell: (_trial, row) => row?.decode?.gross_J ?? null },
  { name: 'gross_JPerTok', cell: (_trial, row) => row?.gross_JPerTok ?? null },
  { name: 'net_JPerTok', cell: (_trial, row) => row?.net_JPerTok ?? null },
  { name: 'tokPerS', cell: (_trial, row) => row?.tokPerS ?? null },
  { name: 'tokPerSPerW', cell: (_trial, row) => row?.tokPerSPerW ?? null },
  { name: 'coverage', cell: (_trial, row) => row?.coverage ?? null },
  { name: 'publications', cell: (_trial, row) => row?.publications ?? null },
  { name: 'grade', cell: (_trial, row) => row?.grade ?? null },
  { name: 'codes', cell: (_trial, row) => row?.codes.join(' ') ?? null },
];

/** One line per trial and domain; a trial without energy has one line with empty energy columns. */
export function* trialsCsv(document: RunDocument): Generator<string> {
  yield csvLine(['run', ...COLUMNS.map((column) => column.name)]);
  for (const trial of document.trials) {
    const rows: readonly (EnergyRow | null)[] = trial.energy.length === 0 ? [null] : trial.energy;
    for (const row of rows)
      yield csvLine([document.run.id, ...COLUMNS.map((column) => column.cell(trial, row))]);
  }
}
