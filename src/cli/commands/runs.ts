import { Command } from 'commander';
import type { RunListing } from '../../storage/store.ts';
import { withStore } from '../open-store.ts';
import { writeJson, writeOut } from '../output.ts';
import type { CommandContext } from '../program.ts';
import { shortId } from '../short-id.ts';
import { screenWidth } from '../terminal.ts';
import { type Column, textTable } from '../text-table.ts';

const COLUMNS: readonly Column<RunListing>[] = [
  { heading: 'run', align: 'left', expendable: 0, cell: (run) => shortId(run.id) },
  {
    heading: 'started',
    align: 'left',
    expendable: 1,
    cell: (run) => run.startedAt.slice(0, 16).replace('T', ' '),
  },
  {
    heading: 'state',
    align: 'left',
    expendable: 0,
    cell: (run) => (run.simulated ? `${run.state} (SIMULATED)` : run.state),
  },
  { heading: 'trials', align: 'right', expendable: 3, cell: (run) => String(run.trials) },
  { heading: 'workload', align: 'left', expendable: 4, cell: (run) => run.workload },
  { heading: 'models', align: 'left', expendable: 0, cell: (run) => run.models.join(' ') },
];

/** `lmpower runs`: what is recorded, the newest first. */
export function runsCommand(_context: CommandContext): Command {
  const command = new Command('runs')
    .description('what is recorded, the newest first')
    .option('--json', 'one JSON document');
  return command.action(async (flags: { json?: true }) =>
    withStore(command, async (store) => {
      const runs = store.list();
      if (flags.json === true) return writeJson({ schemaVersion: 1, runs });
      if (runs.length === 0)
        return writeOut('No run is recorded yet.\n  → lmpower demo, or: sudo lmpower run\n');
      return writeOut(`${textTable(runs, COLUMNS, screenWidth()).join('\n')}\n`);
    }),
  );
}
