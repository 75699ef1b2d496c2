import { Command } from 'commander';
import type { CommandContext } from '../context.ts';

/** `lmpower import FILE…`: results of other programs as runs. */
export function importCommand(context: CommandContext): Command {
  const command = new Command('import')
    .description(
      'results of LM-Studio-Bench (SQLite), llama-bench (-o json, jsonl) or classic JSON reports as runs; all or none',
    )
    .argument('<file...>', 'what a file holds is found out by itself')
    .option('--json', 'one JSON document');
  return command.action(async (files: string[], flags: { json?: true }) => {
    const { importFiles } = await import('../import/import-action.ts');
    await importFiles(command, files, { json: flags.json === true, toolVersion: context.version });
  });
}
