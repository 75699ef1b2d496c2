import { readFile, realpath, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { LmpowerError } from '../../core/errors.ts';
import { lineOf, repeatedKey } from '../../orchestrator/json-places.ts';
import { readSurroundings } from '../../storage/locations.ts';
import { Flattener, type JsonPlace, type Locator, type Vocabulary } from './flatten.ts';
import type { ConfigFile, Given } from './layer.ts';

/** Keys at the top of a configuration file that are no settings of a command. */
export const TOP_KEYS = ['$schema', 'extends', 'db'];

/**
 * A configuration file with all that it extends, nearest last to speak: null where there is none.
 * @throws {LmpowerError} CONFIG_INVALID: not readable, not JSON, an unknown key, a refused value, a file that extends itself
 */
export async function readConfigFile(path: string, vocabulary: Vocabulary): Promise<ConfigFile | null> {
  const text = await textOf(path);
  return text === null ? null : readConfigText(path, text, vocabulary);
}

/** The same of a text that is to become that file. @throws {LmpowerError} CONFIG_INVALID */
export function readConfigText(path: string, text: string, vocabulary: Vocabulary): Promise<ConfigFile> {
  return readLinked(path, text, { vocabulary, chain: [], read: new Set() });
}

interface Reading {
  readonly vocabulary: Vocabulary;
  /** Files that led here, so that a circle is seen. */
  readonly chain: readonly string[];
  /** All readings so far: files that each extend the next twice would double them at each step. */
  readonly read: Set<symbol>;
}

const MOST_FILES = 50;

async function readLinked(path: string, text: string, reading: Reading): Promise<ConfigFile> {
  const { chain, read, vocabulary } = reading;
  const here = await realpath(path).catch(() => resolve(path));
  if (chain.includes(here)) throw circle([...chain, here]);
  const json = parse(path, text);
  const reader = new Flattener(vocabulary, locatorOf(path, text));
  const own = reader.read(json, TOP_KEYS);
  if (!['undefined', 'string'].includes(typeof member(json, '$schema')))
    throw reader.fault(['$schema'], 'takes the address of a schema');
  const bases: ConfigFile[] = [];
  for (const [name, place] of extended(json, reader)) {
    if (read.add(Symbol()).size > MOST_FILES)
      throw reader.fault(place, `more than ${MOST_FILES} files would be read`);
    const base = placeOf(here, name);
    const content = await textOf(base);
    if (content === null) throw reader.fault(place, `there is no file ${base}`);
    bases.push(await readLinked(base, content, { ...reading, chain: [...chain, here] }));
  }
  return {
    path,
    values: new Map([...bases.flatMap(({ values }) => [...values]), ...own, ...database(json, here, reader)]),
  };
}

function extended(json: unknown, reader: Flattener): [string, JsonPlace][] {
  const said = member(json, 'extends');
  if (said === undefined) return [];
  if (typeof said === 'string' && said !== '') return [[said, ['extends']]];
  if (Array.isArray(said) && said.length > 0 && said.every((one) => typeof one === 'string' && one !== ''))
    return said.map((one, index): [string, JsonPlace] => [one, ['extends', index]]);
  throw reader.fault(['extends'], 'takes the name of a file, or a list of names');
}

/** A relative name is one beside the file that says it. */
function database(json: unknown, here: string, reader: Flattener): [string, Given][] {
  const said = member(json, 'db');
  if (said === undefined) return [];
  if (typeof said !== 'string' || said === '') throw reader.fault(['db'], 'takes the name of a file');
  const value = placeOf(here, said);
  return [['db', { value, said: value, origin: reader.where(['db']) }]];
}

/** A file that another names: from that one's folder, or with `~/` from the person's own. */
function placeOf(here: string, name: string): string {
  return /^~[/\\]/.test(name) ? join(readSurroundings().home, name.slice(2)) : resolve(dirname(here), name);
}

/** Parsed JSON. @throws {LmpowerError} CONFIG_INVALID with the line where it stops being JSON, or says a key again */
export function parse(path: string, text: string): unknown {
  const json = jsonOf(path, text);
  const twice = repeatedKey(text);
  if (twice === null) return json;
  // JSON.parse would take the last one, and a whole section would be gone without a word.
  throw new LmpowerError('CONFIG_INVALID', `${path}:${twice.line}: ${twice.path.join('.')} is said twice.`, {
    remedy: 'leave one of them',
  });
}

function jsonOf(path: string, text: string): unknown {
  try {
    const json: unknown = JSON.parse(text);
    return json;
  } catch (thrown) {
    if (!(thrown instanceof SyntaxError)) throw thrown;
    // Not handed on as the cause: its message quotes the file, which may hold a token.
    throw new LmpowerError('CONFIG_INVALID', `${path}:${lineOf(text, [])}: not JSON.`, {
      remedy: 'look at that line; your own file is put aside by: lmpower config reset',
    });
  }
}

export function locatorOf(file: string, text: string): Locator {
  return { file, lineOf: (place) => lineOf(text, place) };
}

/** Null: there is no such file. @throws {LmpowerError} CONFIG_INVALID for one that cannot be read, is no plain file, or too large */
export async function textOf(path: string): Promise<string | null> {
  try {
    const { size, isPlain } = await kindOf(path);
    // A pipe would be waited for without end.
    if (!isPlain) throw new LmpowerError('CONFIG_INVALID', `${path} is no plain file.`);
    if (size > LARGEST_B)
      throw new LmpowerError('CONFIG_INVALID', `${path} has ${size} bytes, more than any configuration.`);
    return (await readFile(path, 'utf8')).replace(/^\uFEFF/, '');
  } catch (cause) {
    if (cause instanceof LmpowerError) throw cause;
    if (cause instanceof Error && 'code' in cause && isAbsence(cause.code)) return null;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new LmpowerError('CONFIG_INVALID', `${path} cannot be read: ${why}.`, { cause });
  }
}

const LARGEST_B = 1_000_000;

async function kindOf(path: string): Promise<{ readonly size: number; readonly isPlain: boolean }> {
  const found = await stat(path);
  return { size: found.size, isPlain: found.isFile() };
}

/** Also where the folder is a file: `XDG_CONFIG_HOME=/dev/null` is how people say that they want none. */
export function isAbsence(code: unknown): boolean {
  return code === 'ENOENT' || code === 'ENOTDIR';
}

export function member(json: unknown, name: string): unknown {
  return typeof json === 'object' && json !== null
    ? Object.getOwnPropertyDescriptor(json, name)?.value
    : undefined;
}

function circle(files: readonly string[]): LmpowerError {
  return new LmpowerError(
    'CONFIG_INVALID',
    `these files extend one another in a circle: ${files.join(' → ')}.`,
    {
      remedy: 'take one "extends" out',
    },
  );
}
