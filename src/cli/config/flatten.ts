import { LmpowerError } from '../../core/errors.ts';
import { type Given, type Layer, pathOf } from './layer.ts';
import { nearest } from './nearest.ts';
import { briefly, type Setting, settingValue, shownValue } from './settings.ts';

export type JsonPlace = readonly (string | number)[];

/** What a file may say. */
export interface Vocabulary {
  /** By `section.key`. */
  readonly settings: ReadonlyMap<string, Setting>;
  readonly backends: readonly string[];
}

/** Where a fault is said to be: the file, and the line of a place in it; null for what was typed. */
export interface Locator {
  readonly file: string;
  lineOf(place: JsonPlace): number | null;
}

/** Reads one parsed file. @throws {LmpowerError} CONFIG_INVALID, naming file, line, key and reason */
export class Flattener {
  private readonly vocabulary: Vocabulary;
  private readonly locator: Locator;

  constructor(vocabulary: Vocabulary, locator: Locator) {
    this.vocabulary = vocabulary;
    this.locator = locator;
  }

  /** Keys at the top that are no section of settings are given to `known`. */
  read(root: unknown, known: readonly string[]): Layer {
    const values = new Map<string, Given>();
    for (const [name, content] of this.entries(root, [])) {
      if (known.includes(name)) continue;
      if (name === 'backends') this.servers(content, values);
      else this.section(name, content, values);
    }
    return values;
  }

  fault(place: JsonPlace, why: string, remedy?: string): LmpowerError {
    const message = `${this.where(place)}: ${place.length === 0 ? '' : `${place.join('.')}: `}${why}`;
    return new LmpowerError(
      'CONFIG_INVALID',
      `${message.replace(/\.$/, '')}.`,
      remedy === undefined ? {} : { remedy },
    );
  }

  /** File and line. */
  where(place: JsonPlace): string {
    const line = this.locator.lineOf(place);
    return line === null ? this.locator.file : `${this.locator.file}:${line}`;
  }

  private section(section: string, content: unknown, values: Map<string, Given>): void {
    const keys = [...this.vocabulary.settings.values()].filter((one) => one.section === section);
    if (keys.length === 0) throw this.unknown([section], this.sections());
    for (const [key, json] of this.entries(content, [section])) {
      const setting = this.vocabulary.settings.get(pathOf(section, key));
      if (setting === undefined)
        throw this.unknown(
          [section, key],
          keys.map((one) => one.key),
        );
      const value = this.value(setting, json);
      values.set(pathOf(section, key), {
        value,
        said: shownValue(setting, json, value),
        origin: this.where([section, key]),
      });
    }
  }

  private value(setting: Setting, json: unknown): unknown {
    try {
      return settingValue(setting, json);
    } catch (thrown) {
      if (!(thrown instanceof LmpowerError)) throw thrown;
      throw this.fault([setting.section, setting.key], thrown.message);
    }
  }

  private servers(content: unknown, values: Map<string, Given>): void {
    for (const [id, said] of this.entries(content, ['backends'])) {
      if (!this.vocabulary.backends.includes(id))
        throw this.unknown(['backends', id], this.vocabulary.backends);
      for (const [key, json] of this.entries(said, ['backends', id])) {
        const place = ['backends', id, key];
        const value = this.serverValue(place, json);
        values.set(place.join('.'), {
          value,
          said: key === 'token' ? HIDDEN : value,
          origin: this.where(place),
        });
      }
    }
  }

  private serverValue(place: readonly string[], json: unknown): unknown {
    const key = String(place.at(-1));
    switch (key) {
      case 'host':
      case 'token':
        return this.text(json, place);
      case 'ports':
        return this.ports(json, place);
      default:
        throw this.unknown(place, SERVER_KEYS);
    }
  }

  /** What it is instead is not said: it may be a token. */
  private text(json: unknown, place: JsonPlace): string {
    if (typeof json === 'string' && json.trim() !== '') return json.trim();
    throw this.fault(place, 'takes a text that is not empty');
  }

  private ports(json: unknown, place: JsonPlace): number[] {
    const ports = Array.isArray(json) ? json : [json];
    if (ports.length > 0 && ports.every((one) => Number.isInteger(one) && one >= 1 && one <= PORT_MAX))
      return ports;
    throw this.fault(place, `takes a port or a list of ports (1 to ${PORT_MAX}), not ${briefly(json)}`);
  }

  private entries(json: unknown, place: JsonPlace): [string, unknown][] {
    if (typeof json === 'object' && json !== null && !Array.isArray(json)) return Object.entries(json);
    throw this.fault(place, 'must be an object { … }');
  }

  private sections(): string[] {
    return [...new Set([...this.vocabulary.settings.values()].map((one) => one.section)), 'backends'];
  }

  private unknown(place: JsonPlace, known: readonly string[]): LmpowerError {
    const name = String(place.at(-1));
    const near = nearest(name, known);
    const all =
      known.length > MOST_TOLD ? 'lmpower config keys lists them' : `known here: ${known.join(', ')}`;
    return this.fault(place, 'is not known', near === undefined ? all : `did you mean ${near}?`);
  }
}

const PORT_MAX = 65_535;
/** Names that are read before one looks away. */
const MOST_TOLD = 20;
/** A token is never shown, only that there is one. */
const HIDDEN = '(set)';

/** What a section of `backends` may say. */
export const SERVER_KEYS = ['host', 'ports', 'token'] as const;
