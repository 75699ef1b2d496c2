import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type ModelFilter, selectModels } from '../../src/orchestrator/model-filter.ts';
import { anyModel, bareModel } from '../support/any-model.ts';

const TYPES = ['llm', 'embedding'] as const;

const anyFilter: fc.Arbitrary<ModelFilter> = fc.record(
  {
    quants: fc.subarray(['q4', 'q8', '16', 'Q4_K_M'], { minLength: 1 }),
    architectures: fc.subarray(['qwen', 'llama', 'GEMMA'], { minLength: 1 }),
    params: fc.subarray(
      [
        { least: 1e9, most: 8e9 },
        { least: 0, most: 2e9 },
      ],
      { minLength: 1 },
    ),
    minContext_tok: fc.constantFrom(4096, 32768),
    minSize_B: fc.constantFrom(2e9, 10e9),
    maxSize_B: fc.constantFrom(12e9, 30e9),
    onlyVision: fc.constant(true as const),
    onlyTools: fc.constant(true as const),
    include: fc.subarray([/qwen/i, /8b$/i], { minLength: 1 }),
    exclude: fc.subarray([/embed/i, /1b/i], { minLength: 1 }),
  },
  { requiredKeys: [] },
);
const anyModels = fc.array(anyModel, { maxLength: 30 });

test('conditions are joined by AND: all of them at once leave what one after the other leaves', () => {
  fc.assert(
    fc.property(anyModels, anyFilter, (models, filter) => {
      const oneByOne = Object.entries(filter).reduce(
        (left, [name, value]) => selectModels(left, { types: TYPES, [name]: value }),
        models,
      );
      expect(selectModels(models, { types: TYPES, ...filter })).toEqual(oneByOne);
    }),
  );
});

test('one more condition never brings a model in, and the order stays', () => {
  fc.assert(
    fc.property(anyModels, anyFilter, anyFilter, (models, filter, more) => {
      const fewer = selectModels(models, { ...more, ...filter });
      const all = selectModels(models, filter);
      expect(all.filter((model) => fewer.includes(model))).toEqual(fewer);
    }),
  );
});

test('no condition leaves every language model, and no embedding model', () => {
  fc.assert(
    fc.property(anyModels, (models) => {
      expect(selectModels(models, {})).toEqual(models.filter(({ type }) => type !== 'embedding'));
    }),
  );
});

test('a model that does not state what is asked of it is left out', () => {
  const model = bareModel({ key: 'bare' });
  const asked: ModelFilter[] = [
    { quants: ['q4'] },
    { architectures: ['llama'] },
    { params: [{ least: 0, most: Number.POSITIVE_INFINITY }] },
    { minContext_tok: 1 },
    { minSize_B: 0 },
    { maxSize_B: Number.POSITIVE_INFINITY },
    { onlyVision: true },
    { onlyTools: true },
  ];
  for (const filter of asked) expect(selectModels([model], filter)).toEqual([]);
});

test('patterns look at the key and at the name', () => {
  const model = bareModel({ key: 'a/b', displayName: 'Qwen3 4B' });
  expect(selectModels([model], { include: [/^qwen3 4b$/i, /^a\//] })).toEqual([model]);
  expect(selectModels([model], { exclude: [/4b/i] })).toEqual([]);
});
