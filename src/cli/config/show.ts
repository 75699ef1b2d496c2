import type { Command } from 'commander';
import type { Column } from '../text-table.ts';
import { wrapped } from '../wrapped.ts';
import { givenFor } from './configuration.ts';
import { type Configuration, pathOf, type ServerPlaces } from './layer.ts';
import { isNumber, meaningOf, type Setting, settingsOf, variableOf } from './settings.ts';

/** One setting and what is in force. */
export interface Shown {
  readonly key: string;
  /** Null: nothing is said, so the server or the plan decides. */
  readonly value: unknown;
  readonly origin: string;
  readonly variable: string;
  readonly flag: string;
  readonly meaning: string;
}

const BUILT_IN = 'built in';

export const SHOWN_COLUMNS: readonly Column<Shown>[] = [
  { heading: 'key', align: 'left', expendable: 0, cell: ({ key }) => key },
  {
    heading: 'value',
    align: 'left',
    expendable: 0,
    cell: ({ value }) => (value === null ? '–' : valueText(value)),
  },
];

export const ORIGIN_COLUMN: Column<Shown> = {
  heading: 'from',
  align: 'left',
  expendable: 0,
  cell: ({ origin }) => origin,
};

/** What no command owns, as `config keys` lists it. */
const PLACES: readonly Pick<Shown, 'key' | 'variable' | 'meaning'>[] = [
  { key: 'db', variable: 'LMPOWER_DB', meaning: 'the database of recorded runs; your own file only' },
  {
    key: 'extends',
    variable: '',
    meaning: 'files that speak first; named from the folder of the one that says it',
  },
  { key: 'backends.<id>.host', variable: '', meaning: 'name or address of the machine with that server' },
  { key: 'backends.<id>.ports', variable: '', meaning: 'ports to look at, best first' },
  { key: 'backends.<id>.token', variable: '', meaning: 'API token; your own file only' },
];

/** Each key with its variable, and below it what it does: no width makes one of them unreadable. */
export function keyLines(keys: readonly Shown[], width: number): string[] {
  const all = [...keys, ...PLACES];
  const longest = Math.max(...all.map(({ key }) => key.length));
  return all.flatMap(({ key, meaning, variable }) => [
    `${key.padEnd(longest)}  ${variable}`.trimEnd(),
    ...wrapped(`  ${meaning}`, width),
  ]);
}

/** Every setting of a command with what is in force for it, in the order of the command's help. */
export function shownSettings(command: Command, configuration: Configuration): Shown[] {
  return settingsOf(command).map((setting) => {
    const key = pathOf(setting.section, setting.key);
    const given = givenFor(configuration, key);
    return {
      key,
      value: given === undefined ? builtInValue(setting) : given.said,
      origin: given === undefined ? BUILT_IN : given.origin,
      variable: variableOf(setting),
      flag: setting.option.flags,
      meaning: meaningOf(setting),
    };
  });
}

/** What no command owns: the database and the servers. */
export function shownPlaces(configuration: Configuration): Shown[] {
  const paths = new Set(configuration.layers.flatMap((layer) => [...layer.keys()]));
  return [...paths]
    .filter((path) => path === 'db' || path.startsWith('backends.'))
    .map((key) => {
      const { origin = BUILT_IN, said = null } = givenFor(configuration, key) ?? {};
      return { key, value: said, origin, variable: '', flag: '', meaning: '' };
    });
}

/** Commander's default, or the one that the help text names; null: none. */
export function builtInValue(setting: Setting): unknown {
  const { defaultValue, description } = setting.option;
  if (defaultValue !== undefined) return defaultValue;
  const named = /\(default: ([^)]+)\)/.exec(description)?.[1] ?? null;
  return named !== null && isNumber(setting) ? Number(named) : named;
}

function valueText(value: unknown): string {
  if (Array.isArray(value) && !value.join('').includes(',')) return value.map(String).join(', ');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** Tokens are never shown, only that there is one. */
export function shownServers(servers: ServerPlaces): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(servers).map(([id, { token, ...place }]) => [
      id,
      token === undefined ? place : { ...place, token: '(set)' },
    ]),
  );
}
