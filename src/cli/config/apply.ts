import type { Command } from 'commander';
import type { CommandContext } from '../context.ts';
import { say } from '../output.ts';
import { configurationOf, givenFor, vocabularyOf } from './configuration.ts';
import { pathOf } from './layer.ts';
import { configPlaces } from './places.ts';
import { settingsOf } from './settings.ts';
import { strayVariableLines } from './variables.ts';

/** Commands that must work while a file is broken, or that no file speaks to. */
const WITHOUT: ReadonlySet<string> = new Set(['config', 'presets', 'explain', 'help']);

/** Gives a command that is about to run what the configuration says and the command line does not. @throws {LmpowerError} CONFIG_INVALID */
export async function applyConfiguration(command: Command, context: CommandContext): Promise<void> {
  const program = programOf(command);
  const top = command.parent === program ? command : (command.parent ?? command);
  if (WITHOUT.has(top.name())) return;
  const places = context.places ?? configPlaces();
  const vocabulary = vocabularyOf(program.commands);
  for (const line of strayVariableLines(places.env, vocabulary)) say(line);
  const configuration = await configurationOf(top, places, vocabulary);
  // What is below a command (`runs delete --yes`) is said each time it is meant.
  for (const { attribute, key, section } of command === top ? settingsOf(command) : []) {
    const given = givenFor(configuration, pathOf(section, key));
    if (given !== undefined && command.getOptionValueSource(attribute) !== 'cli')
      command.setOptionValueWithSource(attribute, given.value, 'config');
  }
  const db = givenFor(configuration, 'db');
  if (db !== undefined && program.getOptionValueSource('db') !== 'cli')
    program.setOptionValueWithSource('db', db.value, 'config');
  context.servers = configuration.servers;
}

function programOf(command: Command): Command {
  return command.parent === null ? command : programOf(command.parent);
}
