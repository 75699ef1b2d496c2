import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sixDigits, text } from '../../src/simulator/plist-text.ts';

describe('sixDigits', () => {
  test.each([
    [0, '0'],
    [1490.8700123, '1490.87'],
    [3.93369, '3.93369'],
    [0.5, '0.5'],
    [999999.6, '1e+06'],
    [1_200_000_000, '1.2e+09'],
    [1_234_567, '1.23457e+06'],
    [0.0001, '0.0001'],
    [0.00001234, '1.234e-05'],
    [-12.5, '-12.5'],
    [Number.NaN, 'nan'],
  ])('writes %d as %s', (value, written) => {
    expect(sixDigits(value)).toBe(written);
  });

  test('keeps any number to half a unit of its sixth digit', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-300, max: 1e300, noNaN: true }), (value) => {
        expect(Math.abs(Number(sixDigits(value)) / value - 1)).toBeLessThanOrEqual(5.0001e-6);
      }),
    );
  });
});

describe('text', () => {
  test('escapes what XML reserves', () => {
    expect(text('k', `a<b>&"'`)).toBe('<key>k</key><string>a&lt;b&gt;&amp;&quot;&apos;</string>\n');
  });
});
