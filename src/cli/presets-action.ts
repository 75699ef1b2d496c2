import { basename } from 'node:path';
import type { Command } from 'commander';
import { LmpowerError } from '../core/errors.ts';
import { vocabularyOf } from './config/configuration.ts';
import { configPlaces, presetFolder } from './config/places.ts';
import { takenBack } from './config/rivals.ts';
import { isRepeatable, jsonFromText, type Setting, settingsOf } from './config/settings.ts';
import { builtInValue } from './config/show.ts';
import type { Call } from './config-action.ts';
import { say, writeJson, writeOut } from './output.ts';
import { ALIASES, BUILT_IN, builtIn } from './presets/built-in.ts';
import type { Preset } from './presets/preset.ts';
import { Presets, presetText, type ReadPreset } from './presets/preset-files.ts';
import { screenWidth } from './terminal.ts';
import { type Column, safeText, textTable } from './text-table.ts';
import { checkWritable, writeFileWhole } from './write-file.ts';

interface Json {
  readonly json?: true;
}

interface Listed {
  readonly name: string;
  readonly title: string;
  readonly readOnly: boolean;
  readonly aliases: readonly string[];
  /** What is wrong with its file; null: nothing. */
  readonly fault: string | null;
}

const COLUMNS: readonly Column<Listed>[] = [
  { heading: 'preset', align: 'left', expendable: 0, cell: ({ name }) => name },
  {
    heading: 'whose',
    align: 'left',
    expendable: 1,
    cell: ({ readOnly }) => (readOnly ? 'lmpower' : 'yours'),
  },
  { heading: 'what it does', align: 'left', expendable: 0, cell: ({ fault, title }) => fault ?? title },
];

/** A corrupt one is listed with its fault. */
export async function listPresets(call: Call, { json }: Json): Promise<void> {
  const presets = await presetsOf(call);
  const ours = BUILT_IN.map(({ name, title }) => ({
    name,
    title,
    readOnly: true,
    aliases: aliasesOf(name),
    fault: null,
  }));
  const own = await Promise.all((await presets.own()).map((name) => listed(presets, name)));
  const all: readonly Listed[] = [...ours, ...own];
  if (json === true) return writeJson({ schemaVersion: 1, presets: all });
  return writeOut(`${textTable(all, COLUMNS, screenWidth()).join('\n')}\n`);
}

async function listed(presets: Presets, name: string): Promise<Listed> {
  const common = { name, readOnly: false, aliases: [] };
  if (builtIn(name.toLowerCase()) !== undefined)
    return { ...common, title: '', fault: `never used: one that comes with lmpower has this name` };
  try {
    const { preset } = await presets.find(name);
    return { ...common, title: preset.title, fault: null };
  } catch (thrown) {
    if (!(thrown instanceof LmpowerError)) throw thrown;
    return { ...common, title: '', fault: thrown.message };
  }
}

function aliasesOf(name: string): string[] {
  return Object.entries(ALIASES).flatMap(([alias, meant]) => (meant === name ? [alias] : []));
}

export async function showPreset(call: Call, name: string, { json }: Json): Promise<void> {
  const { preset } = await (await presetsOf(call)).find(name);
  if (json === true) return writeJson({ schemaVersion: 1, ...preset });
  const lines = Object.entries(preset.run).map(([key, value]) => `  ${key}: ${JSON.stringify(value)}`);
  return writeOut(`${[`${preset.name}: ${preset.title}`, ...lines].map(safeText).join('\n')}\n`);
}

interface Save {
  readonly name: string;
  readonly title: string;
  /** The command with the flags that were given to it. */
  readonly given: Command;
  /** What was typed for each of them, by attribute; for a switch true or false. */
  readonly typed: ReadonlyMap<string, readonly (string | boolean)[]>;
}

/**
 * Keeps what was typed, over what `--preset` says: nothing else, so that a preset does not overrule a file with what
 * nobody said. @throws {LmpowerError} PRESET_READ_ONLY, USAGE
 */
export async function savePreset(call: Call, { given, name, title, typed }: Save): Promise<void> {
  const presets = await presetsOf(call);
  const base = given.getOptionValue('preset');
  const from = typeof base === 'string' ? (await presets.find(base)).preset.run : {};
  const settings = settingsOf(given).filter(({ attribute }) => attribute !== 'preset');
  const said = settings.flatMap((setting) => {
    const words = typed.get(setting.attribute);
    return words === undefined ? [] : [[setting, jsonOf(setting, words)] as const];
  });
  const gone = new Set(said.flatMap(([{ key, section }]) => takenBack(`${section}.${key}`, settings)));
  const kept = Object.entries(from).filter(([key]) => !gone.has(`${given.name()}.${key}`));
  const own = Object.fromEntries(said.map(([{ key }, json]) => [key, json]));
  const saved = await presets.save({ name, title, run: { ...Object.fromEntries(kept), ...own } });
  sayKept('saved', name, saved);
}

function jsonOf(setting: Setting, words: readonly (string | boolean)[]): unknown {
  const last = words.at(-1);
  if (isRepeatable(setting)) return words;
  return typeof last === 'string' ? jsonFromText(setting, last) : last;
}

export async function deletePreset(call: Call, name: string): Promise<void> {
  await (await presetsOf(call)).remove(name);
  say(`${name} is deleted.`);
}

/** What a preset does not say counts as what is built in. */
export async function diffPresets(
  call: Call,
  [a, b]: readonly [string, string],
  { json }: Json,
): Promise<void> {
  const presets = await presetsOf(call);
  const [left, right] = [(await presets.find(a)).preset, (await presets.find(b)).preset];
  const differences = [...new Set([...Object.keys(left.run), ...Object.keys(right.run)])]
    .sort()
    .flatMap((key) => {
      const setting = vocabularyOf(call.program().commands).settings.get(`run.${key}`);
      const otherwise = setting === undefined ? null : builtInValue(setting);
      const values = [left.run[key] ?? otherwise, right.run[key] ?? otherwise] as const;
      return JSON.stringify(values[0]) === JSON.stringify(values[1]) ? [] : [{ key, values }];
    });
  if (json === true) return writeJson({ schemaVersion: 1, presets: [left.name, right.name], differences });
  if (differences.length === 0) return writeOut(`${left.name} and ${right.name} say the same.\n`);
  const shown = (value: unknown): string => (value === null ? '–' : JSON.stringify(value));
  const columns: readonly Column<(typeof differences)[number]>[] = [
    { heading: 'flag', align: 'left', expendable: 0, cell: ({ key }) => key },
    { heading: left.name, align: 'left', expendable: 0, cell: ({ values }) => shown(values[0]) },
    { heading: right.name, align: 'left', expendable: 0, cell: ({ values }) => shown(values[1]) },
  ];
  return writeOut(`${textTable(differences, columns, screenWidth()).join('\n')}\n`);
}

/** @throws {LmpowerError} CONFIG_INVALID, PRESET_READ_ONLY */
export async function importPreset(
  call: Call,
  file: string,
  { name }: { readonly name?: string },
): Promise<void> {
  const presets = await presetsOf(call);
  const read = await presets.read(file, name ?? basename(file, '.json'));
  sayKept('taken in', read.preset.name, await presets.save(read.preset));
  sayIgnored(read);
}

function sayKept(
  how: string,
  name: string,
  { path, replaced }: { readonly path: string; readonly replaced: boolean },
): void {
  say(`${path}: ${how}. lmpower run --preset ${name}`);
  if (replaced) say(`The one that had this name before is kept as ${path}.before.`);
}

function sayIgnored({ ignored }: ReadPreset): void {
  if (ignored.length > 0) say(`Without a counterpart here, and left out: ${ignored.join(', ')}.`);
}

export async function exportPreset(
  call: Call,
  name: string,
  { output }: { readonly output?: string },
): Promise<void> {
  const { preset } = await (await presetsOf(call)).find(name);
  const given: Preset = builtIn(name) === undefined ? preset : { ...preset, name: `my-${preset.name}` };
  if (output === undefined) return writeOut(presetText(given));
  await checkWritable(output);
  await writeFileWhole(output, [presetText(given)]);
}

async function presetsOf({ context, program }: Call): Promise<Presets> {
  return new Presets(presetFolder(context.places ?? configPlaces()), vocabularyOf(program().commands));
}
