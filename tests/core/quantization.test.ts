import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  isQuantization,
  knownQuantization,
  quantizationInName,
  quantizationOf,
} from '../../src/core/quantization.ts';

test.each([
  ['Q4_K_M', 'Q4_K_M', 4],
  ['q4_k_m', 'Q4_K_M', 4],
  ['Q4-K-M', 'Q4_K_M', 4],
  ['q4km', 'Q4_K_M', 4],
  ['Q8_0', 'Q8_0', 8],
  ['Q6_K', 'Q6_K', 6],
  ['Q4_0_4_8', 'Q4_0_4_8', 4],
  ['Q3_K_XL', 'Q3_K_XL', 3],
  ['UD-Q4_K_XL', 'UD-Q4_K_XL', 4],
  ['IQ4_NL', 'IQ4_NL', 4],
  ['iq2_xxs', 'IQ2_XXS', 2],
  ['TQ1_0', 'TQ1_0', 1],
  ['F16', 'F16', 16],
  ['fp16', 'F16', 16],
  ['float32', 'F32', 32],
  ['BF16', 'BF16', 16],
  ['bfloat16', 'BF16', 16],
  ['FP8', 'FP8', 8],
  ['f8_e4m3', 'FP8', 8],
  ['MXFP4', 'MXFP4', 4],
  ['MXFP4_MOE', 'MXFP4', 4],
  ['nvfp4', 'NVFP4', 4],
  ['nf4', 'NF4', 4],
  ['w4a16', 'W4A16', 4],
  ['4.65bpw', '4.65bpw', 4.65],
  ['exl2-5.0bpw', '5bpw', 5],
  ['4bit', '4bit', 4],
  ['4-bit', '4bit', 4],
  ['8 bits', '8bit', 8],
  ['MLX-4bit', '4bit', 4],
  ['int8', '8bit', 8],
  ['4bit-DWQ', '4bit-DWQ', 4],
  ['GPTQ-Int4', '4bit-GPTQ', 4],
  ['awq', 'AWQ', null],
])('%s is %s', (typed, label, bits) => {
  expect(quantizationOf(typed)).toEqual({ label, bits });
});

test('a label that nobody knows is kept, and one that says nothing is none', () => {
  expect(quantizationOf(' XYZ-3 ')).toEqual({ label: 'XYZ-3', bits: null });
  expect(quantizationOf('unknown')).toBeNull();
  expect(quantizationOf('')).toBeNull();
  expect(quantizationOf(null)).toBeNull();
});

test('a normalised label is its own normalisation, in lower case and upper case too', () => {
  const labels = [
    'Q4_K_M',
    'UD-Q2_K_XL',
    'IQ3_XXS',
    'Q5_1',
    'F16',
    'BF16',
    '4bit',
    '6bit-DWQ',
    '3.5bpw',
    'W8A8',
  ];
  fc.assert(
    fc.property(fc.constantFrom(...labels), fc.boolean(), (label, isLower) => {
      const typed = isLower ? label.toLowerCase() : label.toUpperCase();
      expect(knownQuantization(typed)?.label).toBe(label);
    }),
  );
});

test.each([
  ['/models/Qwen3-4B-Instruct-Q4_K_M.gguf', 'Q4_K_M'],
  ['Meta-Llama-3-70B.Q5_K_S-00001-of-00002.gguf', 'Q5_K_S'],
  ['gemma-3-4b-it-UD-Q4_K_XL.gguf', 'UD-Q4_K_XL'],
  ['mlx-community/Qwen3-4B-MLX-4bit', '4bit'],
  ['llama3:8b-instruct-q4_0', 'Q4_0'],
  ['qwen3-4b@q8_0', 'Q8_0'],
  ['Qwen2.5-7B-Instruct-GPTQ-Int4', '4bit-GPTQ'],
  ['Llama-3-8B-Instruct-AWQ', 'AWQ'],
])('the name %s states %s', (name, label) => {
  expect(quantizationInName(name)?.label).toBe(label);
});

test.each(['qwen3-4b', 'gpt-oss-20b', 'my model', 'llama3:latest', ''])('the name %j states none', (name) => {
  expect(quantizationInName(name)).toBeNull();
});

test.each([
  ['Q4_K_M', 'q4', true],
  ['4bit', 'q4', true],
  ['Q4_K_M', 'q4_k', true],
  ['Q4_K_M', 'q4km', true],
  ['Q4_0', 'q4_k', false],
  ['UD-Q4_K_XL', 'q4', true],
  ['UD-Q4_K_XL', 'ud-q4', true],
  ['IQ4_NL', 'q4', false],
  ['IQ4_NL', 'iq4', true],
  ['IQ4_NL', '4bit', true],
  ['Q5_K_M', '5', true],
  ['8bit', '4bit', false],
  ['F16', '16', true],
  ['BF16', 'f16', false],
  ['F16', 'fp16', true],
  ['4bit-DWQ', 'dwq', false],
])('%s asked for as %s: %s', (label, asked, is) => {
  expect(isQuantization({ label, bits: knownQuantization(label)?.bits ?? null }, asked)).toBe(is);
});
