import { expect, test } from 'vitest';
import { parameterCount } from '../../src/core/parameter-count.ts';

test.each([
  ['4B', 4e9],
  ['7.6B', 7.6e9],
  ['350m', 350e6],
  ['1.1T', 1.1e12],
  ['8x7B', 56e9],
  ['30B-A3B', 30e9],
  ['1234567', 1234567],
])('%s states %d', (text, count) => {
  expect(parameterCount(text)).toBeCloseTo(count, 0);
});

test.each(['', 'many', '4 GB', '-4B', '0B', '4B..8B', null])('%j states none', (text) => {
  expect(parameterCount(text)).toBeNull();
});
