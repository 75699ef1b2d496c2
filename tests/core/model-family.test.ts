import { expect, test } from 'vitest';
import { familyOf } from '../../src/core/model-family.ts';

test.each([
  ['qwen/qwen3-4b@q4_k_m', 'qwen/qwen3-4b'],
  ['Qwen3-4B-Q4_K_M.gguf', 'qwen3-4b'],
  ['Qwen3-4B-GGUF-Q8_0', 'qwen3-4b'],
  ['mlx-community/Qwen3-4B-MLX-4bit', 'mlx-community/qwen3-4b'],
  ['llama3:8b-q4_0', 'llama3:8b'],
  ['llama3:8b', 'llama3:8b'],
  ['gpt-oss-20b', 'gpt-oss-20b'],
  ['bartowski/Qwen3-4B-GGUF-IQ4_XS', 'bartowski/qwen3-4b'],
  ['lab/model@special', 'lab/model'],
  ['gemma-3-12b', 'gemma-3-12b'],
  ['big-F16-00001-of-00004.gguf', 'big'],
  ['q4_0', 'q4_0'],
])('%s is of %s', (key, family) => {
  expect(familyOf(key)).toBe(family);
});
