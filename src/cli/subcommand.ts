import { Command, type Option } from 'commander';

/** A command below another one: errors go the same way as those of the commands above it, and help names the program's own options alone. */
export function subcommand(name: string): Command {
  return new Command(name)
    .exitOverride()
    .configureHelp({ showGlobalOptions: true, visibleGlobalOptions: programOptions })
    .configureOutput({ writeErr: () => undefined, outputError: () => undefined });
}

function programOptions(command: Command): Option[] {
  let top = command;
  while (top.parent !== null) top = top.parent;
  return [...top.options];
}
