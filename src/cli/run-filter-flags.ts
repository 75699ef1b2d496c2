import type { Command } from 'commander';
import { LmpowerError } from '../core/errors.ts';
import type { RunState } from '../core/run.ts';
import type { RunFilter } from '../storage/store.ts';
import { choiceFlag, countFlag, patternOf } from './flags.ts';

const STATES = ['running', 'finished', 'interrupted', 'failed'] as const satisfies readonly RunState[];
const DATE = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?Z?)?$/;

/** Adds the flags that choose runs; their values together are a `RunFilter`. */
export function withRunFilter(command: Command): Command {
  return command
    .option('--model <pattern>', 'with a model whose key this regular expression fits', patternOf('--model'))
    .option('--workload <id>', 'of this workload')
    .option('--state <state>', STATES.join(' | '), choiceFlag('--state', STATES))
    .option('--tag <tag>', 'with this tag')
    .option('--since <date>', 'started then or later: 2026-01-31, or 2026-01-31T12:00, in UTC', sinceFlag)
    .option('--limit <n>', 'so many at most', countFlag('--limit', 20));
}

/** What was typed, without the flags that choose nothing. */
export function runFilterOf({ model, workload, state, tag, since, limit }: RunFilter): RunFilter {
  const given = Object.entries({ model, workload, state, tag, since, limit });
  return Object.fromEntries(given.filter(([, value]) => value !== undefined));
}

/** ISO 8601 UTC as far as it was given, so that it compares with times of the store as text. @throws {LmpowerError} USAGE */
export function sinceFlag(text: string): string {
  if (DATE.test(text) && !Number.isNaN(Date.parse(text))) return text.replace(' ', 'T').replace('Z', '');
  throw new LmpowerError('USAGE', `--since takes a date, not '${text}'.`, {
    remedy: 'for example: --since 2026-01-31',
  });
}
