import type { Command, Option } from 'commander';
import { LmpowerError } from '../../core/errors.ts';
import { repeated } from '../flags.ts';

/** A flag that a configuration file, a preset or an environment variable may set as well. */
export interface Setting {
  /** Name of the command, the section of a file: `run`. */
  readonly section: string;
  /** The flag in camel case with the unit that its placeholder names: `interval_ms`, `maxTokens`, `untilCi_pct`. */
  readonly key: string;
  /** As commander calls the value. */
  readonly attribute: string;
  readonly option: Option;
}

/** What belongs to one call, or (`token`) must not lie in a section that people pass on. */
const ONE_OFF: ReadonlySet<string> = new Set([
  'compareWith',
  'csv',
  'dryRun',
  'file',
  'format',
  'json',
  'output',
  'report',
  'resume',
  'retest',
  'shape',
  'tag',
  'note',
  'token',
  'what',
]);

/** Lists that a standing filter would make holes in, and the demonstration, which is the same everywhere. */
const WITHOUT_SETTINGS: ReadonlySet<string> = new Set(['demo', 'runs']);

/** Flags whose name another command has for something else: `run --url` is a server, `run --model` no pattern. */
const OTHERWISE_NAMED: ReadonlySet<string> = new Set([
  'export.url',
  'report.history',
  'report.limit',
  'report.model',
  'report.since',
  'report.state',
  'report.workload',
]);

/** Placeholders that are units: `--baseline <s>`. */
const UNITS: ReadonlySet<string> = new Set(['ms', 's', 'pct']);

/** Every setting of one command, in the order of its help; a flag and its `--no-` twin are one. */
export function settingsOf(command: Command): Setting[] {
  if (WITHOUT_SETTINGS.has(command.name())) return [];
  const seen = new Set<string>();
  return command.options.flatMap((option) => {
    const attribute = option.attributeName();
    if (option.hidden || ONE_OFF.has(attribute) || seen.has(attribute)) return [];
    if (OTHERWISE_NAMED.has(`${command.name()}.${attribute}`)) return [];
    seen.add(attribute);
    return [{ section: command.name(), key: keyOf(option), attribute, option }];
  });
}

function keyOf(option: Option): string {
  const placeholder = /[<[](\w+)/.exec(option.flags)?.[1];
  const unit = placeholder !== undefined && UNITS.has(placeholder) ? `_${placeholder}` : '';
  return `${option.attributeName()}${unit}`;
}

/** `LMPOWER_INTERVAL_MS`, the same for every command that has the flag. */
export function variableOf({ key }: Pick<Setting, 'key'>): string {
  return `LMPOWER_${key.replaceAll(/([a-z])([A-Z])/g, '$1_$2').toUpperCase()}`;
}

/** What the key means; of a flag that only switches off, what `false` does. */
export function meaningOf({ option }: Setting): string {
  return option.negate ? `false: ${option.description}` : option.description;
}

/** True, false or absent; not a text. */
export function isSwitch({ option }: Setting): boolean {
  return option.isBoolean() || option.negate;
}

/** A flag that can be given with a word or alone: `--flash-attention [on|off]`. */
export function isWordOrSwitch({ option }: Setting): boolean {
  return option.optional && !option.negate;
}

export function isRepeatable(setting: Setting): boolean {
  return setting.option.parseArg === repeated || takesOf(setting) === 'list';
}

/** What the flag's parser says of itself; undefined: any text. */
export function takesOf({ option: { parseArg } }: Setting): unknown {
  return typeof parseArg === 'function' && 'takes' in parseArg ? parseArg.takes : undefined;
}

const NUMBERS: readonly unknown[] = ['number', 'count', 'seconds'];

export function isNumber(setting: Setting): boolean {
  return NUMBERS.includes(takesOf(setting));
}

/**
 * What the flag would have made of it: the same parser, so the same limits and words.
 * @throws {LmpowerError} USAGE; for null and an empty list too, since they do not say whether they mean nothing, or the default
 */
export function settingValue(setting: Setting, json: unknown): unknown {
  if (json === null) throw wrong(setting, 'null says nothing: leave the key out');
  if (isSwitch(setting)) {
    if (typeof json === 'boolean') return json;
    throw wrong(setting, `takes true or false, not ${briefly(json)}`);
  }
  if (isRepeatable(setting)) return listValue(setting, Array.isArray(json) ? json : [json]);
  const { parseArg } = setting.option;
  const text = isWordOrSwitch(setting) && typeof json === 'boolean' ? onOff(json) : textOf(setting, json);
  return parseArg === undefined ? text : parseArg(text, undefined);
}

function listValue(setting: Setting, json: readonly unknown[]): unknown {
  if (json.length === 0) throw wrong(setting, 'an empty list says nothing: leave the key out');
  const { parseArg } = setting.option;
  return json.reduce<unknown>((list, one) => parseArg?.(textOf(setting, one), list), undefined);
}

/** Of an environment variable. @throws {LmpowerError} USAGE */
export function settingFromText(setting: Setting, text: string): unknown {
  return settingValue(setting, jsonFromText(setting, text));
}

/**
 * What a person types, as a file would say it: switches also as 1 and 0, lists parted at their commas or, where an entry
 * holds one, as JSON: `["a,b"]`. @throws {LmpowerError} USAGE
 */
export function jsonFromText(setting: Setting, text: string): unknown {
  if (isRepeatable(setting)) return listFromText(setting, text);
  if (isNumber(setting)) return numberOr(text);
  if (!isSwitch(setting) && !isWordOrSwitch(setting)) return text;
  if (/^(1|true|yes|on)$/i.test(text)) return true;
  if (/^(0|false|no|off)$/i.test(text)) return false;
  if (isWordOrSwitch(setting)) return text;
  throw wrong(setting, `takes 1 or 0, not '${text}'`);
}

function numberOr(text: string): unknown {
  const value = Number(text);
  return text.trim() === '' || !Number.isFinite(value) ? text : value;
}

/** Parsers of their own (`--quants`, patterns) know where their texts end. */
function listFromText(setting: Setting, text: string): unknown {
  const json = jsonTexts(text);
  if (json !== null) return json;
  return setting.option.parseArg === repeated ? text.split(',').map((one) => one.trim()) : text;
}

/** `["a", "b"]`, but not the regular expression `[ab]`. */
export function jsonTexts(text: string): readonly string[] | null {
  if (!text.trimStart().startsWith('[')) return null;
  try {
    const json: unknown = JSON.parse(text);
    return Array.isArray(json) && json.every((one) => typeof one === 'string') ? json : null;
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return null;
    throw thrown;
  }
}

/** A value as `config show` gives it: in the words it was said in, unless they mean a number or a switch. */
export function shownValue(setting: Setting, said: unknown, value: unknown): unknown {
  return isSwitch(setting) || isWordOrSwitch(setting) || isNumber(setting) ? value : said;
}

function onOff(value: boolean): string {
  return value ? 'on' : 'off';
}

function textOf(setting: Setting, json: unknown): string {
  if (typeof json === 'string') return json;
  if (typeof json === 'number' && Number.isFinite(json)) return String(json);
  throw wrong(setting, `takes a text or a number, not ${briefly(json)}`);
}

const BRIEF_LENGTH = 60;

/** For messages: a file may hold anything, of any length and depth. */
export function briefly(json: unknown): string {
  if (typeof json === 'object' && json !== null) return Array.isArray(json) ? 'a list' : 'an object';
  const text = JSON.stringify(json) ?? 'nothing';
  return text.length > BRIEF_LENGTH ? `${text.slice(0, BRIEF_LENGTH)}…` : text;
}

function wrong({ key }: Setting, why: string): LmpowerError {
  return new LmpowerError('USAGE', `${key} ${why}.`);
}
