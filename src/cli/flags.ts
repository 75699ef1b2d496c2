import { LmpowerError } from '../core/errors.ts';

/** Makes a flag's value of what was typed, and says what it takes: for the schema of configuration files. */
export interface FlagParser<T> {
  (text: string): T;
  readonly takes: 'number' | 'count' | 'seconds' | readonly string[];
}

function parser<T>(takes: FlagParser<T>['takes'], parse: (text: string) => T): FlagParser<T> {
  return Object.assign((text: string) => parse(text), { takes });
}

/** A decimal number as a text. */
export const NUMBER_TEXT = /^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*$/;

/** No wait is longer, about four months. */
export const LONGEST_s = 1e7;

/** A flag's value as a finite decimal number; its range is checked where it is used. @throws {LmpowerError} USAGE */
export function numberFlag(flag: string, example: number): FlagParser<number> {
  return parser('number', (text) => {
    if (NUMBER_TEXT.test(text) && Number.isFinite(Number(text))) return Number(text);
    throw new LmpowerError('USAGE', `${flag} takes a number, not '${text}'.`, {
      remedy: `for example: ${flag} ${example}`,
    });
  });
}

/** A whole number from 1 up. @throws {LmpowerError} USAGE */
export function countFlag(flag: string, example: number): FlagParser<number> {
  return parser('count', (text) => {
    const value = numberFlag(flag, example)(text);
    if (Number.isInteger(value) && value >= 1 && value <= Number.MAX_SAFE_INTEGER) return value;
    throw new LmpowerError('USAGE', `${flag} takes a whole number from 1 up, not '${text}'.`, {
      remedy: `for example: ${flag} ${example}`,
    });
  });
}

/** A number of seconds above 0. @throws {LmpowerError} USAGE */
export function secondsFlag(flag: string, example: number): FlagParser<number> {
  return parser('seconds', (text) => {
    const value = numberFlag(flag, example)(text);
    if (value > 0 && value <= LONGEST_s) return value;
    throw new LmpowerError('USAGE', `${flag} takes a number of seconds above 0, not '${text}'.`, {
      remedy: `for example: ${flag} ${example}`,
    });
  });
}

/** One of a few words. @throws {LmpowerError} USAGE */
export function choiceFlag<const T extends string>(flag: string, choices: readonly T[]): FlagParser<T> {
  return parser(choices, (text) => {
    const choice = choices.find((candidate) => candidate === text);
    if (choice !== undefined) return choice;
    throw new LmpowerError('USAGE', `${flag} takes one of ${choices.join(', ')}, not '${text}'.`, {
      remedy: `for example: ${flag} ${choices[0]}`,
    });
  });
}

/** A regular expression; upper and lower case alike. @throws {LmpowerError} USAGE */
export function patternOf(flag: string): (text: string) => RegExp {
  return (text) => {
    try {
      return new RegExp(text, 'i');
    } catch (cause) {
      throw new LmpowerError('USAGE', `${flag} takes a regular expression, not '${text}'.`, {
        remedy: `for example: ${flag} '^qwen.*4b'`,
        cause,
      });
    }
  };
}

/** A flag that may be repeated. */
export function repeated(value: string, previous: readonly string[] | undefined): string[] {
  return [...(previous ?? []), value];
}

/** A flag that adds to what it was given before. */
export interface ListParser<T> {
  (text: string, previous?: readonly T[]): T[];
  readonly takes: 'list';
}

/** A flag that may be repeated, each time with what `parse` makes one or several entries of. */
export function listParser<T>(parse: (text: string) => readonly T[]): ListParser<T> {
  return Object.assign((text: string, previous: readonly T[] = []) => [...previous, ...parse(text)], {
    takes: 'list' as const,
  });
}
