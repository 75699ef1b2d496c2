import { Command } from 'commander';
import { expect, test } from 'vitest';
import { type ModelFilterFlags, modelFilterOf, withModelFilters } from '../../src/cli/model-filter-flags.ts';
import type { ModelFilter } from '../../src/orchestrator/model-filter.ts';

function typed(...words: string[]): ModelFilter {
  const command = withModelFilters(new Command('models'));
  command.exitOverride().configureOutput({ writeErr: () => undefined, outputError: () => undefined });
  return modelFilterOf(command.parse(words, { from: 'user' }).opts<ModelFilterFlags>());
}

test('what is not typed chooses nothing', () => {
  expect(typed()).toEqual({});
});

test('every flag becomes its condition', () => {
  expect(
    typed(
      ...['--quants', 'q4, q5', '--quants', '8bit', '--arch', 'llama', '--params', '1B..8B,..500M,30B..'],
      ...['--min-context', '32k', '--min-size', '500MB', '--max-size', '12', '--only-vision', '--only-tools'],
      ...['--include-models', 'Qwen', '--exclude-models', 'coder', '--exclude-models', 'embed'],
    ),
  ).toEqual({
    quants: ['q4', 'q5', '8bit'],
    architectures: ['llama'],
    params: [
      { least: 1e9, most: 8e9 },
      { least: 0, most: 5e8 },
      { least: 30e9, most: Number.POSITIVE_INFINITY },
    ],
    minContext_tok: 32768,
    minSize_B: 5e8,
    maxSize_B: 12e9,
    onlyVision: true,
    onlyTools: true,
    include: [/Qwen/i],
    exclude: [/coder/i, /embed/i],
  });
});

test('a size that stands alone is that size as it is rounded', () => {
  const [range] = typed('--params', '7B').params ?? [];
  expect(range?.least).toBeCloseTo(6.3e9);
  expect(range?.most).toBeCloseTo(7.7e9);
});

test.each([
  ['--params', '8B..1B', /8B is more than 1B/],
  ['--params', 'big', /'big' is no number/],
  ['--params', '1B..2B..3B', /is neither/],
  ['--params', '..', /is neither/],
  ['--params', '1B,', /''/],
  ['--include-models', '(', /regular expression/],
  ['--exclude-models', '[', /--exclude-models takes a regular expression/],
  ['--max-size', 'large', /size in GB/],
  ['--min-size', '-1', /size in GB/],
  ['--min-context', '0', /number of tokens/],
  ['--quants', 'q4,,q5', /words with commas/],
])('%s %s is wrong usage that says why', (flag, value, why) => {
  expect(() => typed(`${flag}=${value}`)).toThrow(
    expect.objectContaining({ code: 'USAGE', message: expect.stringMatching(why) }),
  );
});

test('sizes that no model can have are wrong usage', () => {
  expect(() => typed('--min-size', '10', '--max-size', '2')).toThrow(
    expect.objectContaining({ code: 'USAGE' }),
  );
});
