import { access, mkdir, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { LmpowerError } from '../../core/errors.ts';
import { writeFileWhole } from '../write-file.ts';
import { Flattener, type Vocabulary } from './flatten.ts';
import { member, parse, readConfigText, TOP_KEYS, textOf } from './read-file.ts';
import { jsonFromText, jsonTexts } from './settings.ts';

/** Sets one key of the user's file, which is made where there is none; checked before anything is written. @throws {LmpowerError} */
export async function setKey(
  path: string,
  words: readonly [string, string],
  vocabulary: Vocabulary,
): Promise<void> {
  const [key, text] = words;
  const value = jsonOf(key, text, vocabulary);
  checkTyped(key, value, vocabulary);
  await change(path, vocabulary, (root) => put(root, key.split('.'), value));
}

/** What was typed is at fault, not a line that the file does not have. @throws {LmpowerError} CONFIG_INVALID */
function checkTyped(key: string, value: unknown, vocabulary: Vocabulary): void {
  const typed: JsonObject = {};
  put(typed, key.split('.'), value);
  new Flattener(vocabulary, { file: 'config set', lineOf: () => null }).read(typed, TOP_KEYS);
}

/** True: the key was there. @throws {LmpowerError} */
export async function unsetKey(path: string, key: string, vocabulary: Vocabulary): Promise<boolean> {
  let found = false;
  await change(path, vocabulary, (root) => {
    found = take(root, key.split('.'));
  });
  return found;
}

/** Moves the user's file aside, whatever is in it; returns a name that was free, or null where there was none. */
export async function resetFile(path: string): Promise<string | null> {
  if (!(await isThere(path))) return null;
  let kept = `${path}.before-reset`;
  for (let n = 2; await isThere(kept); n++) kept = `${path}.before-reset-${n}`;
  await rename(path, kept).catch((cause: unknown) => {
    throw new LmpowerError('OUTPUT_UNWRITABLE', `${path} cannot be renamed.`, { cause });
  });
  return kept;
}

function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

type JsonObject = Record<string, unknown>;

/** It may hold a token. */
const OWNER_ONLY = 0o600;
const OWNER_ONLY_FOLDER = 0o700;

async function change(path: string, vocabulary: Vocabulary, edit: (root: JsonObject) => void): Promise<void> {
  const text = (await textOf(path)) ?? '{}';
  const root = parse(path, text);
  if (!isObject(root)) throw new LmpowerError('CONFIG_INVALID', `${path}: must be an object { … }.`);
  const before = JSON.stringify(root);
  edit(root);
  if (JSON.stringify(root) === before && text !== '{}') return;
  await mkdir(dirname(path), { recursive: true, mode: OWNER_ONLY_FOLDER }).catch((cause: unknown) => {
    throw new LmpowerError('OUTPUT_UNWRITABLE', `the folder ${dirname(path)} cannot be made.`, { cause });
  });
  const content = `${JSON.stringify(root, null, 2)}\n`;
  await readConfigText(path, content, vocabulary);
  await writeFileWhole(path, [content], OWNER_ONLY);
}

function put(root: JsonObject, [name = '', ...rest]: readonly string[], value: unknown): void {
  const inner = member(root, name);
  const next = rest.length === 0 ? value : isObject(inner) ? inner : {};
  // Assigning `__proto__` would set nothing that is written, and hence nothing that is checked.
  Object.defineProperty(root, name, { value: next, enumerable: true, configurable: true, writable: true });
  if (rest.length > 0 && isObject(next)) put(next, rest, value);
}

function take(root: JsonObject, [name = '', ...rest]: readonly string[]): boolean {
  if (!Object.hasOwn(root, name)) return false;
  const inner = root[name];
  if (rest.length > 0) return isObject(inner) && take(inner, rest);
  delete root[name];
  return true;
}

/** What a person types, as JSON: `15` a number where one is taken, `[1234, 1235]` or `1234,1235` ports, the rest a text. */
function jsonOf(key: string, text: string, { settings }: Vocabulary): unknown {
  const setting = settings.get(key);
  if (setting !== undefined) return jsonFromText(setting, text);
  if (key.endsWith('.ports')) return portsOf(text);
  return key === 'extends' ? (jsonTexts(text) ?? text) : text;
}

function portsOf(text: string): unknown {
  const words = text.replace(/^\s*\[(.*)\]\s*$/, '$1').split(',');
  return words.map((word) => (/^\s*\d+\s*$/.test(word) ? Number(word) : word));
}

function isObject(json: unknown): json is JsonObject {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}
