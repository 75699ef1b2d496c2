import { LmpowerError } from '../core/errors.ts';

/** A flag's value as a finite decimal number; its range is checked where it is used. @throws {LmpowerError} USAGE */
export function numberFlag(flag: string, example: number): (text: string) => number {
  return (text) => {
    if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text.trim())) return Number(text);
    throw new LmpowerError('USAGE', `${flag} takes a number, not '${text}'.`, {
      remedy: `for example: ${flag} ${example}`,
    });
  };
}

/** A whole number from 1 up. @throws {LmpowerError} USAGE */
export function countFlag(flag: string, example: number): (text: string) => number {
  return (text) => {
    const value = numberFlag(flag, example)(text);
    if (Number.isInteger(value) && value >= 1 && value <= Number.MAX_SAFE_INTEGER) return value;
    throw new LmpowerError('USAGE', `${flag} takes a whole number from 1 up, not '${text}'.`, {
      remedy: `for example: ${flag} ${example}`,
    });
  };
}

/** A number of seconds above 0. @throws {LmpowerError} USAGE */
export function secondsFlag(flag: string, example: number): (text: string) => number {
  return (text) => {
    const value = numberFlag(flag, example)(text);
    if (value > 0 && value <= 1e7) return value;
    throw new LmpowerError('USAGE', `${flag} takes a number of seconds above 0, not '${text}'.`, {
      remedy: `for example: ${flag} ${example}`,
    });
  };
}

/** One of a few words. @throws {LmpowerError} USAGE */
export function choiceFlag<const T extends string>(flag: string, choices: readonly T[]): (text: string) => T {
  return (text) => {
    const choice = choices.find((candidate) => candidate === text);
    if (choice !== undefined) return choice;
    throw new LmpowerError('USAGE', `${flag} takes one of ${choices.join(', ')}, not '${text}'.`, {
      remedy: `for example: ${flag} ${choices[0]}`,
    });
  };
}

/** A flag that may be repeated. */
export function repeated(value: string, previous: readonly string[] | undefined): string[] {
  return [...(previous ?? []), value];
}
