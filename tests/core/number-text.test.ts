import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fixed, percent, significant, spanText } from '../../src/core/number-text.ts';

describe('significant', () => {
  test.each([
    [0, '0'],
    [0.0123456, '0.0123'],
    [0.314159, '0.314'],
    [3.52159, '3.52'],
    [31.4159, '31.4'],
    [314.159, '314'],
    [171_494, '171494'],
    [-0.0792, '-0.0792'],
    [0.00000123, '0.00000123'],
    [1.234e-9, '1.23e-9'],
    [1.234e12, '1.23e+12'],
    [null, '–'],
    [Number.NaN, '–'],
    [Number.POSITIVE_INFINITY, '–'],
  ])('of %d is %s', (value, text) => {
    expect(significant(value)).toBe(text);
  });

  test('shows any number to within half of its last digit', () => {
    const numbers = fc.double({ min: -1e15, max: 1e15, noNaN: true }).filter((x) => Math.abs(x) > 1e-12);
    fc.assert(
      fc.property(numbers, (value) => {
        expect(Math.abs(Number(significant(value)) - value)).toBeLessThanOrEqual(Math.abs(value) * 0.00501);
      }),
    );
  });
});

test.each([
  [1.005, 1, '1.0'],
  [2.5, 2, '2.50'],
  [null, 2, '–'],
  [Number.NaN, 2, '–'],
])('fixed of %d with %d decimals is %s', (value, decimals, text) => {
  expect(fixed(value, decimals)).toBe(text);
});

test.each([
  [0.0123, '1.2 %'],
  [-0.5, '-50.0 %'],
  [0, '0.0 %'],
  [null, '–'],
  [Number.POSITIVE_INFINITY, '–'],
])('percent of %d is %s', (ratio, text) => {
  expect(percent(ratio)).toBe(text);
});

test.each([
  [-4, '0 s'],
  [0.4, '0 s'],
  [59.4, '59 s'],
  [59.6, '1 min'],
  [95, '1 min 35 s'],
  [120, '2 min'],
  [3599.7, '1 h 0 min'],
  [3725, '1 h 2 min'],
  [90_000, '25 h 0 min'],
])('a span of %d s reads %s', (span_s, text) => {
  expect(spanText(span_s)).toBe(text);
});
