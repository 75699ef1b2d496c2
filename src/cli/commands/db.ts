import { Command } from 'commander';
import type { CommandContext } from '../context.ts';
import { repeated } from '../flags.ts';
import { withStore } from '../open-store.ts';
import { writeJson, writeOut } from '../output.ts';
import { subcommand } from '../subcommand.ts';
import { safeText } from '../text-table.ts';

/** `lmpower db check | backup | export | import | vacuum`: the database of recorded runs as a file. */
export function dbCommand(context: CommandContext): Command {
  return new Command('db')
    .description('the database of recorded runs')
    .addCommand(checkCommand(context))
    .addCommand(backupCommand())
    .addCommand(exportCommand())
    .addCommand(importCommand())
    .addCommand(vacuumCommand());
}

function checkCommand(context: CommandContext): Command {
  const check = subcommand('check')
    .description('look for damage in the whole database; exit 3 when there is any')
    .option('--json', 'one JSON document');
  return check.action(async (flags: { json?: true }) => {
    const { faults, runs } = await withStore(check, (store) => ({
      faults: store.faults(),
      runs: store.list().length,
    }));
    context.exitCode = faults.length === 0 ? 0 : 3;
    if (flags.json === true) return writeJson({ schemaVersion: 1, runs, faults });
    const lines = faults.map((fault) => `${fault.check}: ${fault.detail}`);
    const sum = faults.length === 0 ? `sound, ${runs} runs` : `${faults.length} faults, ${runs} runs`;
    return writeOut(`${[...lines, sum].join('\n')}\n`);
  });
}

function backupCommand(): Command {
  const command = subcommand('backup')
    .description('the whole database into a new file, also while a run is on')
    .argument('<file>', 'must not be there yet');
  return command.action((file: string) =>
    withStore(command, (store) => {
      store.backUp(file);
      return writeOut(`${file}: ${runsText(store.list().length)}\n`);
    }),
  );
}

function exportCommand(): Command {
  const command = subcommand('export')
    .description('some runs, or all, into a new database, to be imported on another machine')
    .argument('<file>', 'must not be there yet')
    .option('--run <run>', "an id, a unique prefix, or 'latest' (repeatable; default: all)", repeated);
  return command.action((file: string, flags: { run?: readonly string[] }) =>
    withStore(command, (store) => {
      const ids = flags.run?.map((ref) => store.resolve(ref)) ?? store.list().map(({ id }) => id);
      const { copied } = store.exportRuns(file, ids);
      return writeOut(`${file}: ${runsText(copied.length)}\n`);
    }),
  );
}

function importCommand(): Command {
  const command = subcommand('import')
    .description('take in the runs of another database; those that are here already stay as they are')
    .argument('<file>', 'a database of lmpower, of this machine or another')
    .option('--json', 'one JSON document');
  return command.action((file: string, flags: { json?: true }) =>
    withStore(command, (store) => {
      const { copied, present } = store.importRuns(file);
      const brought = new Set(copied);
      const machines = countMachines(store.list().filter(({ id }) => brought.has(id)));
      if (flags.json === true)
        return writeJson({
          schemaVersion: 1,
          imported: copied,
          present,
          machines: Object.fromEntries(machines),
        });
      const lines = [...machines].map(([machine, count]) => `  ${safeText(machine)}: ${runsText(count)}`);
      const sum = `${runsText(copied.length)} imported, ${present.length} were here already`;
      return writeOut(`${[sum, ...lines].join('\n')}\n`);
    }),
  );
}

function vacuumCommand(): Command {
  const command = subcommand('vacuum').description('give the room of deleted runs back to the disk');
  return command.action(() =>
    withStore(command, (store) => {
      const { before_B, after_B } = store.vacuum();
      return writeOut(`${before_B} B before, ${after_B} B now\n`);
    }),
  );
}

function countMachines(runs: readonly { readonly machine: string | null }[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { machine } of runs) {
    const name = machine ?? 'unknown machine';
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}

function runsText(count: number): string {
  return count === 1 ? '1 run' : `${count} runs`;
}
