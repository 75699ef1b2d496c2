import fc from 'fast-check';
import type { Model } from '../../src/core/run.ts';

/** A model about which its server says nothing but its key. */
export function bareModel(given: Partial<Model> & Pick<Model, 'key'>): Model {
  return {
    displayName: given.key,
    publisher: null,
    architecture: null,
    format: null,
    quantization: null,
    bitsPerWeight: null,
    params: null,
    size_B: null,
    maxContext_tok: null,
    vision: null,
    toolUse: null,
    variants: [],
    loaded: [],
    remote: false,
    ...given,
  };
}

const orNull = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(arbitrary, { nil: null });

/** Models of which a server tells any part. */
export const anyModel: fc.Arbitrary<Model> = fc
  .record({
    type: fc.constantFrom('llm' as const, 'llm' as const, 'embedding' as const),
    key: fc.constantFrom('qwen3-4b', 'qwen3-8b', 'llama-3.1-8b', 'gemma-3-1b', 'nomic-embed'),
    architecture: orNull(fc.constantFrom('qwen3', 'llama', 'gemma3', 'qwen3moe')),
    quantization: orNull(fc.constantFrom('Q4_K_M', 'q4_k_s', 'Q8_0', 'F16', '4bit', 'odd')),
    params: orNull(fc.constantFrom('1B', '4B', '7.6B', '8B', '30B-A3B', 'many')),
    size_B: orNull(fc.integer({ min: 1, max: 40 }).map((size_GB) => size_GB * 1e9)),
    maxContext_tok: orNull(fc.constantFrom(2048, 8192, 32768, 131072)),
    vision: orNull(fc.boolean()),
    toolUse: orNull(fc.boolean()),
  })
  .map(bareModel);
