import { Command } from 'commander';
import { withStore } from '../open-store.ts';
import { writeJson, writeOut } from '../output.ts';
import type { CommandContext } from '../program.ts';

/** `lmpower db check`: the whole database, page by page and row by row. */
export function dbCommand(context: CommandContext): Command {
  const check = new Command('check')
    .description('look for damage in the whole database; exit 3 when there is any')
    .option('--json', 'one JSON document')
    .exitOverride()
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({ writeErr: () => undefined, outputError: () => undefined });
  check.action(async (flags: { json?: true }) => {
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
  return new Command('db').description('the database of recorded runs').addCommand(check);
}
