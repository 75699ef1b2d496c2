import type { Command } from 'commander';
import { LmpowerError } from '../core/errors.ts';
import { parameterCount } from '../core/parameter-count.ts';
import type { ModelFilter, ParameterRange } from '../orchestrator/model-filter.ts';
import { type ListParser, listParser, patternOf } from './flags.ts';

/** What commander hands over of the flags of `withModelFilters`. */
export interface ModelFilterFlags {
  readonly quants?: readonly string[];
  readonly arch?: readonly string[];
  readonly params?: readonly ParameterRange[];
  readonly minContext?: number;
  readonly minSize?: number;
  readonly maxSize?: number;
  readonly onlyVision?: true;
  readonly onlyTools?: true;
  readonly includeModels?: readonly RegExp[];
  readonly excludeModels?: readonly RegExp[];
}

const B_PER: Readonly<Record<string, number>> = {
  '': 1e9,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KIB: 2 ** 10,
  MIB: 2 ** 20,
  GIB: 2 ** 30,
  TIB: 2 ** 40,
};
const TOK_PER_K = 1024;
/** A size that is named alone stands for those that are rounded to it: `7B` is also 7.6 B. */
const SIZE_TOLERANCE = 0.1;

/** Adds the flags that choose models; `modelFilterOf` reads their values. All that are given must hold. */
export function withModelFilters(command: Command): Command {
  return command
    .option(
      '--quants <list>',
      'of these quantizations: q4,q5 or Q4_K_M or 4bit',
      listFlag('--quants', 'q4,q8'),
    )
    .option('--arch <list>', 'whose architecture begins so: llama,qwen', listFlag('--arch', 'llama,qwen'))
    .option('--params <range,…>', 'of so many parameters: 1B..8B, ..4B or 3B,7B', paramsFlag)
    .option('--min-context <tokens>', 'with at least so long a context: 32768 or 32k', contextFlag)
    .option('--min-size <GB>', 'at least so large: 2, 500MB or 2GiB', sizeFlag('--min-size'))
    .option('--max-size <GB>', 'at most so large: 12, 500MB or 8GiB', sizeFlag('--max-size'))
    .option('--only-vision', 'that read images')
    .option('--only-tools', 'trained to use tools')
    .option(
      '--include-models <regex>',
      'whose key or name fits (repeatable: all must fit)',
      patterns('--include-models'),
    )
    .option(
      '--exclude-models <regex>',
      'whose key or name does not fit (repeatable)',
      patterns('--exclude-models'),
    );
}

/** What was typed, without the flags that choose nothing. @throws {LmpowerError} USAGE where no model could be meant */
export function modelFilterOf(flags: ModelFilterFlags): ModelFilter {
  const { minSize = 0, maxSize = Number.POSITIVE_INFINITY } = flags;
  if (minSize > maxSize)
    throw new LmpowerError('USAGE', '--min-size is larger than --max-size: no model could be meant.', {
      remedy: 'for example: --min-size 2 --max-size 12',
    });
  const given = Object.entries({
    quants: flags.quants,
    architectures: flags.arch,
    params: flags.params,
    minContext_tok: flags.minContext,
    minSize_B: flags.minSize,
    maxSize_B: flags.maxSize,
    onlyVision: flags.onlyVision,
    onlyTools: flags.onlyTools,
    include: flags.includeModels,
    exclude: flags.excludeModels,
  });
  return Object.fromEntries(given.filter(([, value]) => value !== undefined));
}

function listFlag(flag: string, example: string): ListParser<string> {
  return listParser((text) => {
    const words = text.split(',').map((word) => word.trim());
    if (words.every((word) => word !== '')) return words;
    throw new LmpowerError('USAGE', `${flag} takes words with commas between them, not '${text}'.`, {
      remedy: `for example: ${flag} ${example}`,
    });
  });
}

function patterns(flag: string): ListParser<RegExp> {
  return listParser((text) => [patternOf(flag)(text)]);
}

/** Ranges and single sizes with commas between them. @throws {LmpowerError} USAGE */
export const paramsFlag: ListParser<ParameterRange> = listParser((text) =>
  text.split(',').map((part) => rangeOf(part.trim(), text)),
);

function rangeOf(part: string, text: string): ParameterRange {
  const ends = part.split('..');
  const [low = '', high = low] = ends;
  const wrong = (why: string): LmpowerError =>
    new LmpowerError('USAGE', `--params takes sizes and ranges of them, not '${text}': ${why}.`, {
      remedy: 'for example: --params 1B..8B',
    });
  if (ends.length > 2 || (low === '' && high === '')) throw wrong(`'${part}' is neither`);
  const least = low === '' ? 0 : parameterCount(low);
  const most = high === '' ? Number.POSITIVE_INFINITY : parameterCount(high);
  if (least === null || most === null)
    throw wrong(`'${least === null ? low : high}' is no number of parameters`);
  if (least > most) throw wrong(`${low} is more than ${high}`);
  return ends.length === 1
    ? { least: least * (1 - SIZE_TOLERANCE), most: most * (1 + SIZE_TOLERANCE) }
    : { least, most };
}

/** Tokens; `32k` is 32768. @throws {LmpowerError} USAGE */
export function contextFlag(text: string): number {
  const found = /^(\d{1,9})(k?)$/i.exec(text.trim());
  if (found === null || Number(found[1]) === 0)
    throw new LmpowerError('USAGE', `--min-context takes a number of tokens, not '${text}'.`, {
      remedy: 'for example: --min-context 32768',
    });
  return Number(found[1]) * (found[2] === '' ? 1 : TOK_PER_K);
}

/** Bytes; a number alone is in GB. */
function sizeFlag(flag: string) {
  return (text: string): number => {
    const found = /^(\d+(?:\.\d+)?|\.\d+)\s?((?:[KMGT]i?B)?)$/i.exec(text.trim());
    const factor = B_PER[found?.[2]?.toUpperCase() ?? ''];
    if (found !== null && factor !== undefined) return Number(found[1]) * factor;
    throw new LmpowerError('USAGE', `${flag} takes a size in GB, not '${text}'.`, {
      remedy: `for example: ${flag} 12`,
    });
  };
}
