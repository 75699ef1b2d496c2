import type { EnergyRow, RunDocument } from '../core/result.ts';
import { type Cell, RUN_COLUMN, type Table } from './columns.ts';
import { TRIAL_COLUMNS } from './trials-columns.ts';

/** One row per trial and domain; a trial without energy has one row with empty energy columns. */
export function trialsTable(document: RunDocument): Table {
  return {
    what: 'trials',
    run: document.run.id,
    columns: [RUN_COLUMN, ...TRIAL_COLUMNS],
    rows: () => rowsOf(document),
  };
}

function* rowsOf(document: RunDocument): Generator<readonly Cell[]> {
  for (const trial of document.trials) {
    const rows: readonly (EnergyRow | null)[] = trial.energy.length === 0 ? [null] : trial.energy;
    for (const row of rows)
      yield [document.run.id, ...TRIAL_COLUMNS.map((column) => column.cell(trial, row))];
  }
}
