import { Command } from 'commander';
import type { RunFilter, RunListing } from '../../storage/store.ts';
import type { CommandContext } from '../context.ts';
import { cutToWidth } from '../display-width.ts';
import { withStore } from '../open-store.ts';
import { writeJson, writeOut } from '../output.ts';
import { annotationCommands } from '../run-annotations.ts';
import { runFilterOf, withRunFilter } from '../run-filter-flags.ts';
import { shortId } from '../short-id.ts';
import { subcommand } from '../subcommand.ts';
import { screenWidth } from '../terminal.ts';
import { type Column, safeText, textTable } from '../text-table.ts';

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
    cell: (run) => stateText(run),
  },
  { heading: 'trials', align: 'right', expendable: 3, cell: (run) => String(run.trials) },
  { heading: 'workload', align: 'left', expendable: 4, cell: (run) => run.workload },
  { heading: 'models', align: 'left', expendable: 0, cell: (run) => run.models.join(' ') },
];
const MACHINE: Column<RunListing> = {
  heading: 'machine',
  align: 'left',
  expendable: 5,
  cell: (run) => run.machine ?? 'unknown',
};
const TAGS: Column<RunListing> = {
  heading: 'tags',
  align: 'left',
  expendable: 2,
  cell: (run) => run.tags.join(' '),
};
const LONGEST_NOTE = 32;
const NOTE: Column<RunListing> = {
  heading: 'note',
  align: 'left',
  expendable: 2,
  // The whole of a long one is in --json: here it must not cost the other columns their place.
  cell: (run) => cutToWidth(safeText(run.note ?? ''), LONGEST_NOTE),
};

/** `lmpower runs`: what is recorded, the newest first; `runs tag | note | delete`. */
export function runsCommand(_context: CommandContext): Command {
  const command = withRunFilter(
    new Command('runs')
      .description('what is recorded, the newest first; tag, note and delete runs')
      .option('--json', 'one JSON document'),
  );
  for (const below of annotationCommands()) command.addCommand(below);
  command.addCommand(trendsCommand());
  return command.action(async (flags: RunFilter & { json?: true }) =>
    withStore(command, async (store) => {
      const filter = runFilterOf(flags);
      const runs = store.list(filter);
      if (flags.json === true) return writeJson({ schemaVersion: 1, runs });
      if (runs.length === 0) return writeOut(noneText(Object.keys(filter).length > 0));
      return writeOut(`${textTable(runs, columnsFor(runs), screenWidth()).join('\n')}\n`);
    }),
  );
}

/** Runs are analysed anew: more would take longer than anyone waits. */
const MOST_ANALYSED = 200;

function trendsCommand(): Command {
  const command = subcommand('trends').description(
    'J/token of each configuration over its runs, and where it changed; takes the filters of lmpower runs',
  );
  return command.action(() =>
    withStore(command, async (store) => {
      const flags: RunFilter & { json?: true } = command.optsWithGlobals();
      const runs = store.list({ limit: MOST_ANALYSED, ...runFilterOf(flags) });
      const { analyze } = await import('../../analyzer/analyze.ts');
      const documents = runs.map(({ id }) => analyze(store.load(id)));
      if (flags.json === true) {
        const { historyOf } = await import('../../analyzer/history.ts');
        return writeJson({ schemaVersion: 1, trends: historyOf(documents) });
      }
      const { trendLines } = await import('../trends.ts');
      return writeOut(`${trendLines(documents, screenWidth()).join('\n')}\n`);
    }),
  );
}

function stateText({ imported, simulated, state }: RunListing): string {
  if (simulated) return `${state} (SIMULATED)`;
  return imported === null ? state : `${state} (IMPORTED)`;
}

function noneText(isFiltered: boolean): string {
  return isFiltered
    ? 'No recorded run fits.\n  → lmpower runs lists them all\n'
    : 'No run is recorded yet.\n  → lmpower demo, or: sudo lmpower run\n';
}

/** Columns that would be empty, or alike in every row, are left out. */
function columnsFor(runs: readonly RunListing[]): Column<RunListing>[] {
  return [
    ...COLUMNS,
    ...(new Set(runs.map((run) => run.machine)).size > 1 ? [MACHINE] : []),
    ...(runs.some((run) => run.tags.length > 0) ? [TAGS] : []),
    ...(runs.some((run) => run.note !== null) ? [NOTE] : []),
  ];
}
