import { type Command, Option } from 'commander';
import { LmpowerError } from '../core/errors.ts';
import { given } from '../core/given.ts';
import { KV_CACHE_TYPES, type KvCacheType } from '../core/model-settings.ts';
import type { InferenceSettings, LoadSettings } from '../core/run.ts';
import { choiceFlag, numberFlag, repeated } from './flags.ts';

/** What commander hands over of the flags of `withModelSettings`. */
export interface ModelSettingsFlags {
  readonly maxTokens?: number;
  readonly temperature?: number;
  readonly topP?: number;
  readonly topK?: number;
  readonly minP?: number;
  readonly repeatPenalty?: number;
  readonly seed?: number;
  readonly stop?: readonly string[];
  readonly ignoreEos?: true;
  readonly cachePrompt?: boolean;
  readonly draftModel?: string;
  readonly context?: number;
  readonly gpu?: number | 'max' | 'off';
  readonly gpuLayers?: number;
  readonly flashAttention?: 'on' | 'off' | boolean;
  readonly batch?: number;
  readonly physicalBatch?: number;
  readonly threads?: number;
  readonly parallel?: number;
  readonly kvCache?: KvCacheType;
  readonly kCache?: KvCacheType;
  readonly vCache?: KvCacheType;
  readonly unifiedKvCache?: boolean;
  readonly mmap?: boolean;
  readonly mlock?: boolean;
  readonly ropeBase?: number;
  readonly ropeScale?: number;
}

/** How LM-Studio-Bench spells flags of ours that take a value. */
const OTHER_SPELLINGS: readonly (readonly [string, string])[] = [
  ['--top-k-sampling', '--top-k'],
  ['--top-p-sampling', '--top-p'],
  ['--min-p-sampling', '--min-p'],
  ['--n-gpu-layers', '--gpu-layers'],
  ['--n-batch', '--batch'],
  ['--n-threads', '--threads'],
  ['--n-parallel', '--parallel'],
  ['--rope-freq-base', '--rope-base'],
  ['--rope-freq-scale', '--rope-scale'],
  ['--kv-cache-quant', '--kv-cache'],
];

/** … and those that take none. */
const OTHER_SWITCHES: readonly (readonly [string, string])[] = [
  ['--use-mmap', '--mmap'],
  ['--use-mlock', '--mlock'],
];

/** All of them, or as many as the server thinks right. Source: LM-Studio-Bench, --n-gpu-layers and --n-threads. */
const ALL = -1;

/** Adds the settings that a model is asked and loaded with. What a backend cannot apply is refused before anything is measured. */
export function withModelSettings(command: Command): Command {
  withInference(command.optionsGroup('Settings of the answer:'));
  withLoading(command.optionsGroup('Settings of the model, which load an instance of our own:'));
  for (const [other, ours] of [...OTHER_SPELLINGS, ...OTHER_SWITCHES]) alsoCalled(command, { other, ours });
  return command;
}

function withInference(command: Command): Command {
  const own = "the server's own unless given";
  return command
    .option(
      '--max-tokens <n>',
      'longest answer; default: as the workload says',
      numberFlag('--max-tokens', 512),
    )
    .option('--temperature <x>', '(default: 0)', numberFlag('--temperature', 0))
    .option('--top-p <x>', '(default: 1)', numberFlag('--top-p', 1))
    .option('--top-k <n>', own, numberFlag('--top-k', 40))
    .option('--min-p <x>', own, numberFlag('--min-p', 0.05))
    .option('--repeat-penalty <x>', '(default: 1)', numberFlag('--repeat-penalty', 1))
    .option('--seed <n>', own, numberFlag('--seed', 42))
    .option('--stop <text>', 'a text that ends the answer (repeatable)', repeated)
    .option('--ignore-eos', "go on past the model's own end: every answer as long as asked for")
    .option('--cache-prompt', 'let the server reuse what earlier prompts left behind')
    .option('--no-cache-prompt', '… or forbid it')
    .option('--draft-model <key>', 'a small model that drafts tokens for this one');
}

function withLoading(command: Command): Command {
  const cacheType = (flag: string): ((text: string) => KvCacheType) => choiceFlag(flag, KV_CACHE_TYPES);
  return command
    .option('--context <n>', 'context length', numberFlag('--context', 8192))
    .option('--gpu <ratio>', 'part of the model on the GPU: max, off, or 0 to 1', gpuFlag)
    .option('--gpu-layers <n>', '… or so many of its layers; -1: all', numberFlag('--gpu-layers', 20))
    .addOption(
      new Option('--flash-attention [on|off]', 'on where nothing is said')
        .argParser(choiceFlag('--flash-attention', ['on', 'off']))
        .preset('on'),
    )
    .option('--no-flash-attention', 'the same as --flash-attention off')
    .option('--batch <n>', 'prompt tokens that are processed at once', numberFlag('--batch', 512))
    .option('--physical-batch <n>', '… in one pass of the hardware', numberFlag('--physical-batch', 512))
    .option('--threads <n>', 'threads of the CPU; -1: as the server has it', numberFlag('--threads', 8))
    .option('--parallel <n>', 'requests the server may batch', numberFlag('--parallel', 1))
    .option('--kv-cache <type>', `key and value cache: ${KV_CACHE_TYPES.join(', ')}`, cacheType('--kv-cache'))
    .option('--k-cache <type>', '… the keys alone', cacheType('--k-cache'))
    .option('--v-cache <type>', '… the values alone', cacheType('--v-cache'))
    .option('--unified-kv-cache', 'one key and value cache for all parallel requests')
    .option('--no-unified-kv-cache', '… or one for each')
    .option('--mmap', 'map the file into memory')
    .option('--no-mmap', '… or read it')
    .option('--mlock', 'keep the model from being swapped out')
    .option('--no-mlock', '… or not')
    .option('--rope-base <x>', 'base frequency of the rotary embedding', numberFlag('--rope-base', 10_000))
    .option('--rope-scale <x>', 'its scale', numberFlag('--rope-scale', 1));
}

function gpuFlag(text: string): number | 'max' | 'off' {
  return text === 'max' || text === 'off' ? text : numberFlag('--gpu', 1)(text);
}

/** A second spelling, which sets the same value and stands in no help text. */
export function alsoCalled(command: Command, { other, ours }: { other: string; ours: string }): Command {
  const option = command.options.find(({ long }) => long === ours);
  if (option === undefined) return command;
  const hidden = new Option(option.flags.replace(ours, other), option.description).hideHelp();
  if (option.parseArg !== undefined) hidden.argParser(option.parseArg);
  command.addOption(hidden);
  command.on(`option:${other.slice(2)}`, () => {
    const value: unknown = command.getOptionValue(hidden.attributeName());
    command.setOptionValueWithSource(option.attributeName(), value, 'cli');
  });
  return command;
}

/** What was asked for. */
export function inferenceOf(flags: ModelSettingsFlags): Partial<InferenceSettings> {
  const { temperature, topP, topK, minP, repeatPenalty, seed, maxTokens } = flags;
  const { stop, ignoreEos, cachePrompt, draftModel } = flags;
  return given({
    ...{ temperature, topP, topK, minP, repeatPenalty, seed, maxOutput_tok: maxTokens },
    ...{ stop, ignoreEos, cachePrompt, draftModel },
  });
}

/** What was asked for. @throws {LmpowerError} USAGE where two flags speak of the same thing */
export function loadOf(flags: ModelSettingsFlags): Partial<LoadSettings> {
  const { batch, gpu, gpuLayers, kvCache, parallel, physicalBatch, threads } = flags;
  const { mlock, mmap, ropeBase, ropeScale, unifiedKvCache } = flags;
  if (gpu !== undefined && gpuLayers !== undefined)
    throw new LmpowerError('USAGE', '--gpu and --gpu-layers both say what lies on the GPU.', {
      remedy: 'leave one of them out',
    });
  return given({
    context_tok: flags.context,
    gpuOffload: gpuLayers === ALL ? 'max' : gpu,
    gpuLayers: gpuLayers === ALL ? undefined : gpuLayers,
    flashAttention: switchOf(flags.flashAttention),
    parallel,
    batch_tok: batch,
    physicalBatch_tok: physicalBatch,
    threads: threads === ALL ? undefined : threads,
    kCacheType: flags.kCache ?? kvCache,
    vCacheType: flags.vCache ?? kvCache,
    ...{ unifiedKvCache, mmap, mlock, ropeBase, ropeScale },
  });
}

function switchOf(value: ModelSettingsFlags['flashAttention']): boolean | undefined {
  return typeof value === 'string' ? value === 'on' : value;
}
