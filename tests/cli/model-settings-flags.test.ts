import { Command } from 'commander';
import { expect, test } from 'vitest';
import {
  inferenceOf,
  loadOf,
  type ModelSettingsFlags,
  withModelSettings,
} from '../../src/cli/model-settings-flags.ts';

function typed(...words: string[]): { inference: object; load: object } {
  const command = withModelSettings(new Command('run'));
  command.exitOverride().configureOutput({ writeErr: () => undefined, outputError: () => undefined });
  const flags = command.parse(words, { from: 'user' }).opts<ModelSettingsFlags>();
  return { inference: inferenceOf(flags), load: loadOf(flags) };
}

const USAGE = expect.objectContaining({ code: 'USAGE' });

test('what is not typed is not set', () => {
  expect(typed()).toEqual({ inference: {}, load: {} });
});

test('every setting of the answer', () => {
  const words = ['--temperature=0.2', '--top-k=40', '--top-p=0.9', '--min-p=0.05', '--repeat-penalty=1.1'];
  const more = [
    '--max-tokens=64',
    '--seed=7',
    '--stop=###',
    '--stop=END',
    '--ignore-eos',
    '--no-cache-prompt',
  ];
  expect(typed(...words, ...more, '--draft-model=tiny').inference).toEqual({
    ...{ temperature: 0.2, topK: 40, topP: 0.9, minP: 0.05, repeatPenalty: 1.1, maxOutput_tok: 64, seed: 7 },
    ...{ stop: ['###', 'END'], ignoreEos: true, cachePrompt: false, draftModel: 'tiny' },
  });
});

test('every setting of the model', () => {
  const words = ['--context=4096', '--gpu=0.5', '--flash-attention', '--batch=512', '--physical-batch=256'];
  const more = ['--threads=8', '--parallel=2', '--kv-cache=q8_0', '--v-cache=f16', '--unified-kv-cache'];
  expect(
    typed(...words, ...more, '--no-mmap', '--mlock', '--rope-base=10000', '--rope-scale=0.5').load,
  ).toEqual({
    ...{ context_tok: 4096, gpuOffload: 0.5, flashAttention: true, batch_tok: 512, physicalBatch_tok: 256 },
    ...{ threads: 8, parallel: 2, kCacheType: 'q8_0', vCacheType: 'f16', unifiedKvCache: true },
    ...{ mmap: false, mlock: true, ropeBase: 10000, ropeScale: 0.5 },
  });
});

test('the spellings of LM-Studio-Bench mean the same', () => {
  const words = ['--top-k-sampling=40', '--top-p-sampling=0.9', '--min-p-sampling=0.05', '--n-gpu-layers=20'];
  const more = ['--n-batch=128', '--n-threads=8', '--no-flash-attention', '--rope-freq-base=10000'];
  const rest = [
    '--rope-freq-scale=1',
    '--use-mmap',
    '--use-mlock',
    '--kv-cache-quant=q8_0',
    '--n-parallel=8',
  ];
  expect(typed(...words, ...more, ...rest, '--unified-kv-cache')).toEqual({
    inference: { topK: 40, topP: 0.9, minP: 0.05 },
    load: {
      ...{ gpuLayers: 20, batch_tok: 128, threads: 8, flashAttention: false, ropeBase: 10000, ropeScale: 1 },
      ...{
        mmap: true,
        mlock: true,
        kCacheType: 'q8_0',
        vCacheType: 'q8_0',
        parallel: 8,
        unifiedKvCache: true,
      },
    },
  });
});

test('the later of two spellings counts', () => {
  expect(typed('--n-batch=128', '--batch=512').load).toEqual({ batch_tok: 512 });
  expect(typed('--batch=512', '--n-batch=128').load).toEqual({ batch_tok: 128 });
});

test('-1 is all layers, and as many threads as the server thinks right', () => {
  expect(typed('--n-gpu-layers', '-1', '--n-threads', '-1').load).toEqual({ gpuOffload: 'max' });
});

test.each(['on', 'off'])('--flash-attention %s', (word) => {
  expect(typed('--flash-attention', word).load).toEqual({ flashAttention: word === 'on' });
});

test.each([
  ['--kv-cache=q9_9'],
  ['--flash-attention=maybe'],
  ['--threads=many'],
  ['--gpu=half'],
  ['--n-batch=many'],
  ['--gpu=1', '--gpu-layers=20'],
])('%s is wrong usage', (...words) => {
  expect(() => typed(...words)).toThrow(USAGE);
});

test('other spellings stand in no help text', () => {
  expect(withModelSettings(new Command('run')).helpInformation()).not.toMatch(
    /--n-batch|--use-mmap|-sampling/,
  );
});
