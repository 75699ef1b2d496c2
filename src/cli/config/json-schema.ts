import type { Command } from 'commander';
import { BACKEND_IDS } from '../../backends/ids.ts';
import { LONGEST_s, NUMBER_TEXT } from '../flags.ts';
import {
  isRepeatable,
  isSwitch,
  isWordOrSwitch,
  meaningOf,
  type Setting,
  settingsOf,
  takesOf,
  variableOf,
} from './settings.ts';

type Schema = Record<string, unknown>;

const NAME: Schema = { type: 'string', minLength: 1 };
/** Not of blanks alone. */
const INK: Schema = { type: 'string', pattern: '\\S' };
const TEXT: Schema = { type: ['string', 'number'] };

function oneOrMore(entry: Schema): Schema {
  return { anyOf: [entry, { type: 'array', items: entry, minItems: 1 }] };
}

/** JSON Schema (draft 2020-12) of a configuration file, made of the commands' own flags. */
export function configJsonSchema(commands: readonly Command[]): Schema {
  const sections = commands.flatMap((command) => {
    const settings = settingsOf(command);
    return settings.length === 0 ? [] : [[command.name(), object(settings.map(propertyOf))] as const];
  });
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'lmpower configuration',
    ...object([
      ['$schema', { type: 'string', description: 'For editors.' }],
      [
        'extends',
        { ...oneOrMore(NAME), description: 'Files that speak first; named from the folder of this one.' },
      ],
      ['db', { ...NAME, description: 'The database of recorded runs. Your own file only.' }],
      ...sections,
      ['backends', object(BACKEND_IDS.map((id) => [id, SERVER] as const))],
    ]),
  };
}

const SERVER: Schema = object([
  ['host', { ...INK, description: 'Name or address of the machine.' }],
  ['ports', { description: 'Ports to look at, best first.', ...oneOrMore(port()) }],
  ['token', { ...INK, description: 'API token. Your own file only.' }],
]);

function port(): Schema {
  return { type: 'integer', minimum: 1, maximum: 65_535 };
}

function propertyOf(setting: Setting): readonly [string, Schema] {
  const description = `${meaningOf(setting)} (${setting.option.flags}; ${variableOf(setting)})`;
  return [setting.key, { ...typeOf(setting), description }];
}

function typeOf(setting: Setting): Schema {
  if (isSwitch(setting)) return { type: 'boolean' };
  if (isRepeatable(setting)) return oneOrMore(TEXT);
  const takes = takesOf(setting);
  if (typeof takes === 'string' && Object.hasOwn(NUMBERS, takes))
    return numberOrItsText(NUMBERS[takes] ?? {});
  if (!Array.isArray(takes)) return TEXT;
  return { enum: isWordOrSwitch(setting) ? [...takes, true, false] : takes };
}

/** The limits that the flag's parser knows; those of a plan are checked with the plan. */
const NUMBERS: Readonly<Record<string, Schema>> = {
  number: { type: 'number' },
  count: { type: 'integer', minimum: 1, maximum: Number.MAX_SAFE_INTEGER },
  seconds: { type: 'number', exclusiveMinimum: 0, maximum: LONGEST_s },
};

function numberOrItsText(number: Schema): Schema {
  return { anyOf: [number, { type: 'string', pattern: NUMBER_TEXT.source }] };
}

function object(properties: readonly (readonly [string, Schema])[]): Schema {
  return { type: 'object', additionalProperties: false, properties: Object.fromEntries(properties) };
}
