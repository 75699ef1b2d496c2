import { access } from 'node:fs/promises';
import type { Command } from 'commander';
import { LmpowerError } from '../core/errors.ts';
import { configurationOf, vocabularyOf } from './config/configuration.ts';
import { resetFile, setKey, unsetKey } from './config/edit.ts';
import { type ConfigPlaces, configPlaces, projectFile, userFile } from './config/places.ts';
import { settingsOf } from './config/settings.ts';
import {
  keyLines,
  ORIGIN_COLUMN,
  SHOWN_COLUMNS,
  type Shown,
  shownPlaces,
  shownServers,
  shownSettings,
} from './config/show.ts';
import { strayVariableLines } from './config/variables.ts';
import type { CommandContext } from './context.ts';
import { say, writeJson, writeOut } from './output.ts';
import { screenWidth } from './terminal.ts';
import { textTable } from './text-table.ts';

export interface Call {
  readonly context: CommandContext;
  readonly program: () => Command;
}

/** @throws {LmpowerError} CONFIG_INVALID, USAGE for a command that there is not */
export async function showSettings(
  call: Call,
  name: string | undefined,
  { json, origin }: { readonly json?: true; readonly origin?: true },
): Promise<void> {
  const { places, servers, shown } = await gathered(call, name);
  if (json === true) {
    const [db = null] = places.flatMap(({ key, value }) => (key === 'db' ? [value] : []));
    return writeJson({ schemaVersion: 1, settings: shown, db, servers });
  }
  const told = [...shown.filter(({ value }) => value !== null), ...places];
  const columns = origin === true ? [...SHOWN_COLUMNS, ORIGIN_COLUMN] : SHOWN_COLUMNS;
  return writeOut(`${textTable(told, columns, screenWidth()).join('\n')}\n`);
}

/** @throws {LmpowerError} USAGE for a command that there is not */
export async function showKeys(call: Call, name: string | undefined): Promise<void> {
  const keys = commandsOf(call, name).flatMap((command) =>
    shownSettings(command, { layers: [], servers: {} }),
  );
  await writeOut(`${keyLines(keys, screenWidth()).join('\n')}\n`);
}

export async function showPaths({ context }: Call): Promise<void> {
  const places = placesOf(context);
  const lines = await Promise.all(
    [userFile(places), projectFile(places)].map(async (path) => {
      const found = await access(path).then(
        () => true,
        () => false,
      );
      return `${path}${found ? '' : '  (not there)'}`;
    }),
  );
  await writeOut(`${lines.join('\n')}\n`);
}

/** @throws {LmpowerError} CONFIG_INVALID: then the file stays as it was */
export async function setOne(call: Call, key: string, value: string): Promise<void> {
  const path = userFile(placesOf(call.context));
  await setKey(path, [key, value], vocabularyOf(call.program().commands));
  say(`${path}: ${key} is set.`);
}

export async function unsetOne(call: Call, key: string): Promise<void> {
  const path = userFile(placesOf(call.context));
  const found = await unsetKey(path, key, vocabularyOf(call.program().commands));
  if (!found)
    throw new LmpowerError('CONFIG_INVALID', `${path} says nothing of ${key}.`, {
      remedy: 'lmpower config show --origin',
    });
  say(`${path}: ${key} is taken out.`);
}

export async function resetAll({ context }: Call): Promise<void> {
  const path = userFile(placesOf(context));
  const kept = await resetFile(path);
  say(kept === null ? `there is no ${path}: everything is built in already.` : `your file is now ${kept}.`);
}

function placesOf(context: CommandContext): ConfigPlaces {
  return context.places ?? configPlaces();
}

async function gathered(
  call: Call,
  name: string | undefined,
): Promise<{
  readonly shown: readonly Shown[];
  readonly places: readonly Shown[];
  readonly servers: Record<string, unknown>;
}> {
  const vocabulary = vocabularyOf(call.program().commands);
  const places = placesOf(call.context);
  for (const line of strayVariableLines(places.env, vocabulary)) say(line);
  const each = await Promise.all(
    commandsOf(call, name).map(async (command) => ({
      command,
      configuration: await configurationOf(command, places, vocabulary),
    })),
  );
  // What no command owns is the same for each.
  const { layers, servers } = each[0]?.configuration ?? { layers: [], servers: {} };
  return {
    shown: each.flatMap(({ command, configuration }) => shownSettings(command, configuration)),
    places: shownPlaces({ layers, servers }),
    servers: shownServers(servers),
  };
}

/** Those with settings; or the one of that name. */
function commandsOf({ program }: Call, name: string | undefined): Command[] {
  const known = program().commands.filter((one) => settingsOf(one).length > 0);
  if (name === undefined) return known;
  const found = known.filter((one) => one.name() === name);
  if (found.length > 0) return found;
  throw new LmpowerError('USAGE', `'${name}' is no command with settings.`, {
    remedy: `there are: ${known.map((one) => one.name()).join(', ')}`,
  });
}
