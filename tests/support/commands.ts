import type { Command } from 'commander';
import { vocabularyOf } from '../../src/cli/config/configuration.ts';
import type { Vocabulary } from '../../src/cli/config/flatten.ts';
import type { ConfigPlaces } from '../../src/cli/config/places.ts';
import type { Launch } from '../../src/cli/context.ts';
import { buildProgram } from '../../src/cli/program.ts';

/** Nothing of this machine's own: no guard, no file, no variable. */
export function launchIn(folder: string, env: ConfigPlaces['env'] = {}): Launch {
  const elevation = { guard: null, dropped: false, reason: null };
  return {
    version: '1.2.3',
    elevation,
    places: { folder: `${folder}/own`, project: `${folder}/project`, env },
  };
}

export function programIn(folder: string): Command {
  return buildProgram({ ...launchIn(folder), exitCode: 0 });
}

/** The command of that name, with these words given to it; nothing is run. */
export function commandGiven(folder: string, name: string, words: readonly string[] = []): Command {
  const command = programIn(folder).commands.find((one) => one.name() === name);
  if (command === undefined) throw new Error(`no command ${name}`);
  command.parseOptions([...words]);
  return command;
}

export function vocabulary(): Vocabulary {
  return vocabularyOf(programIn('/nowhere').commands);
}
