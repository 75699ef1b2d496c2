import { Command, type Option } from 'commander';
import { settingsOf } from '../config/settings.ts';
import type { CommandContext } from '../context.ts';
import { subcommand } from '../subcommand.ts';
import { runCommand } from './run.ts';

const actions = (): Promise<typeof import('../presets-action.ts')> => import('../presets-action.ts');

/** `lmpower presets`: named sets of the flags of `lmpower run`. */
export function presetsCommand(context: CommandContext): Command {
  const command = new Command('presets').description('named sets of flags for lmpower run --preset NAME');
  const call = { context, program: () => command.parent ?? command };
  return command
    .addCommand(
      subcommand('list')
        .description('those that come with lmpower, and your own')
        .option('--json', 'one JSON document')
        .action(async (flags: { json?: true }) => (await actions()).listPresets(call, flags)),
    )
    .addCommand(
      subcommand('show')
        .description('what a preset says')
        .argument('<name>')
        .option('--json', 'one JSON document')
        .action(async (name: string, flags: { json?: true }) =>
          (await actions()).showPreset(call, name, flags),
        ),
    )
    .addCommand(saveCommand(context, call))
    .addCommand(
      subcommand('delete')
        .description('delete one of your own')
        .argument('<name>')
        .action(async (name: string) => (await actions()).deletePreset(call, name)),
    )
    .addCommand(
      subcommand('diff')
        .description('where two presets differ')
        .argument('<a>')
        .argument('<b>')
        .option('--json', 'one JSON document')
        .action(async (a: string, b: string, flags: { json?: true }) =>
          (await actions()).diffPresets(call, [a, b], flags),
        ),
    )
    .addCommand(
      subcommand('import')
        .description("take a preset's file in, ours or LM-Studio-Bench's")
        .argument('<file>')
        .option('--name <name>', "another name than the file's")
        .action(async (file: string, flags: { name?: string }) =>
          (await actions()).importPreset(call, file, flags),
        ),
    )
    .addCommand(
      subcommand('export')
        .description('a preset as a file, for somebody else')
        .argument('<name>')
        .option('--output <file>', 'write it there; default: stdout')
        .action(async (name: string, flags: { output?: string }) =>
          (await actions()).exportPreset(call, name, flags),
        ),
    );
}

/** Takes the very flags of `lmpower run`. */
function saveCommand(
  context: CommandContext,
  call: { readonly context: CommandContext; readonly program: () => Command },
): Command {
  const save = subcommand('save')
    .description('keep flags of lmpower run under a name: presets save evening --trials 5')
    .argument('<name>', 'letters, digits, hyphens, underscores')
    .option('--title <text>', 'one line for people');
  const typed = new Map<string, (string | boolean)[]>();
  for (const option of runOptions(context)) {
    save.addOption(option);
    // Parsers make bytes of sizes and patterns of texts; a preset holds what was typed.
    save.on(`option:${option.name()}`, (text: unknown) => {
      const attribute = option.attributeName();
      const word = typeof text === 'string' ? text : !option.negate;
      typed.set(attribute, [...(typed.get(attribute) ?? []), word]);
    });
  }
  return save.action(async (name: string, flags: { title?: string }) =>
    (await actions()).savePreset(call, { name, title: flags.title ?? '', given: save, typed }),
  );
}

function runOptions(context: CommandContext): Option[] {
  const run = runCommand(context);
  const settable = new Set(settingsOf(run).map(({ attribute }) => attribute));
  return run.options.filter((option) => settable.has(option.attributeName()) && !option.hidden);
}
