import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { LmpowerError } from '../../core/errors.ts';
import { Flattener, type Vocabulary } from '../config/flatten.ts';
import type { Layer } from '../config/layer.ts';
import { isAbsence, locatorOf, member, parse, textOf } from '../config/read-file.ts';
import { writeFileWhole } from '../write-file.ts';
import { BUILT_IN, builtIn, refuseBuiltIn } from './built-in.ts';
import { fromLegacyPreset, isLegacyPreset } from './legacy.ts';
import { checkPresetName, type Preset } from './preset.ts';

const KNOWN = ['$schema', 'name', 'title'];

export interface ReadPreset {
  readonly preset: Preset;
  /** Its settings, checked, by `run.key`. */
  readonly values: Layer;
  /** Fields of a foreign preset that mean nothing here. */
  readonly ignored: readonly string[];
}

/** The user's presets and those that come with lmpower. */
export class Presets {
  private readonly folder: string;
  private readonly vocabulary: Vocabulary;

  constructor(folder: string, vocabulary: Vocabulary) {
    this.folder = folder;
    this.vocabulary = vocabulary;
  }

  /** Names of the user's own, sorted. @throws {LmpowerError} CONFIG_INVALID for a folder that cannot be read */
  async own(): Promise<string[]> {
    const names = await readdir(this.folder).catch((cause: unknown) => {
      if (cause instanceof Error && 'code' in cause && isAbsence(cause.code)) return [];
      throw new LmpowerError('CONFIG_INVALID', `${this.folder} cannot be read.`, { cause });
    });
    return names.flatMap((name) => (name.endsWith('.json') ? [name.slice(0, -'.json'.length)] : [])).sort();
  }

  /** @throws {LmpowerError} PRESET_UNKNOWN; CONFIG_INVALID for a corrupt one */
  async find(name: string): Promise<ReadPreset> {
    const ours = builtIn(name);
    if (ours !== undefined) return this.checked(ours, `preset ${ours.name}`);
    const path = this.fileOf(checkPresetName(name));
    const text = await textOf(path);
    if (text !== null) return this.readText(text, path, name);
    const known = [...BUILT_IN.map((one) => one.name), ...(await this.own())];
    throw new LmpowerError('PRESET_UNKNOWN', `there is no preset '${name}'.`, {
      remedy: `lmpower presets list; there are: ${known.join(', ')}`,
    });
  }

  /** One from a file anywhere, ours or LM-Studio-Bench's. @throws {LmpowerError} CONFIG_INVALID */
  async read(path: string, name: string): Promise<ReadPreset> {
    const text = await textOf(path);
    if (text === null)
      throw new LmpowerError('CONFIG_INVALID', `there is no file ${path}.`, { remedy: 'look at its name' });
    return this.readText(text, path, name);
  }

  /** Replaces one of that name, which is kept beside as `NAME.json.before`. @throws {LmpowerError} PRESET_READ_ONLY, USAGE, OUTPUT_UNWRITABLE */
  async save(preset: Preset): Promise<{ readonly path: string; readonly replaced: boolean }> {
    refuseBuiltIn(checkPresetName(preset.name));
    const path = this.fileOf(preset.name);
    await mkdir(this.folder, { recursive: true }).catch((cause: unknown) => {
      throw new LmpowerError('OUTPUT_UNWRITABLE', `the folder ${this.folder} cannot be made.`, { cause });
    });
    const before = await textOf(path);
    const text = presetText(preset);
    const replaced = before !== null && before !== text;
    // What somebody once thought out is not lost to a name typed twice.
    if (replaced) await writeFileWhole(`${path}.before`, [before]);
    await writeFileWhole(path, [text]);
    return { path, replaced };
  }

  /** @throws {LmpowerError} PRESET_READ_ONLY, PRESET_UNKNOWN */
  async remove(name: string): Promise<void> {
    refuseBuiltIn(checkPresetName(name));
    const path = this.fileOf(name);
    if ((await textOf(path)) === null)
      throw new LmpowerError('PRESET_UNKNOWN', `there is no preset '${name}'.`);
    await rm(path);
  }

  private fileOf(name: string): string {
    return join(this.folder, `${name}.json`);
  }

  private readText(text: string, path: string, name: string): ReadPreset {
    const json = parse(path, text);
    if (typeof json === 'object' && json !== null && isLegacyPreset(json)) {
      const { ignored, run } = fromLegacyPreset(json);
      return { ...this.checked({ name, title: titleOf(json), run }, path), ignored };
    }
    const reader = new Flattener(this.vocabulary, locatorOf(path, text));
    const values = checkedValues(reader, json);
    const foreign = [...values.keys()].find((key) => !key.startsWith('run.'));
    if (foreign !== undefined) throw reader.fault([], `a preset has a run section alone, not ${foreign}`);
    const run = member(json, 'run');
    if (typeof run !== 'object' || run === null) throw reader.fault([], 'a preset has a run section');
    return { preset: { name, title: titleOf(json), run: { ...run } }, values, ignored: [] };
  }

  /** The same checks as for a file, for what is no file. */
  private checked(preset: Preset, origin: string): ReadPreset {
    const locator = locatorOf(origin, '{}');
    const values = checkedValues(new Flattener(this.vocabulary, locator), { run: preset.run });
    const named = new Map([...values].map(([key, given]) => [key, { ...given, origin }]));
    return { preset, values: named, ignored: [] };
  }
}

/** Presets that lead to presets could lead in a circle, and none of them would say what it does. */
function checkedValues(reader: Flattener, json: unknown): Layer {
  const values = reader.read(json, KNOWN);
  if (values.has('run.preset')) throw reader.fault(['run', 'preset'], 'a preset names no other preset');
  return values;
}

/** As a preset lies in its file, and as `presets export` gives it. */
export function presetText({ name, run, title }: Preset): string {
  return `${JSON.stringify({ name, title, run }, null, 2)}\n`;
}

function titleOf(json: unknown): string {
  const title = member(json, 'title') ?? member(json, 'description');
  return typeof title === 'string' ? title : '';
}
