import { Command } from 'commander';
import type { CommandContext } from '../context.ts';
import { subcommand } from '../subcommand.ts';

const actions = (): Promise<typeof import('../config-action.ts')> => import('../config-action.ts');

/** `lmpower config`: what is set outside the command line, and by whom. */
export function configCommand(context: CommandContext): Command {
  const command = new Command('config').description(
    'defaults of your own: your file, the environment, a project',
  );
  const call = { context, program: () => command.parent ?? command };
  return command
    .addCommand(
      subcommand('show')
        .description('every setting that is in force')
        .argument('[command]', 'of one command: run, sample, …')
        .option('--origin', 'say where each value comes from')
        .option('--json', 'one JSON document')
        .action(async (name: string | undefined, flags: { origin?: true; json?: true }) =>
          (await actions()).showSettings(call, name, flags),
        ),
    )
    .addCommand(
      subcommand('keys')
        .description('what a file may say, and the variable for each')
        .argument('[command]', 'of one command: run, sample, …')
        .action(async (name: string | undefined) => (await actions()).showKeys(call, name)),
    )
    .addCommand(
      subcommand('path')
        .description('the files that are read, strongest first')
        .action(async () => (await actions()).showPaths(call)),
    )
    .addCommand(
      subcommand('set')
        .description('set one key of your own file: lmpower config set run.baseline_s 15')
        .argument('<key>', 'as lmpower config keys lists it')
        .argument('<value>', 'a list is parted by commas, or JSON: ["a,b"]')
        .action(async (key: string, value: string) => (await actions()).setOne(call, key, value)),
    )
    .addCommand(
      subcommand('unset')
        .description('take one key out of your own file')
        .argument('<key>', 'as lmpower config show lists it')
        .action(async (key: string) => (await actions()).unsetOne(call, key)),
    )
    .addCommand(
      subcommand('reset')
        .description('put your own file aside: everything is built in again')
        .action(async () => (await actions()).resetAll(call)),
    );
}
