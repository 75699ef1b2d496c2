import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cutToWidth, displayWidth } from '../../src/cli/display-width.ts';

describe('displayWidth', () => {
  test.each([
    ['plain', 5],
    ['', 0],
    ['é', 1],
    ['e\u0301', 1],
    ['モデル', 6],
    ['한글', 4],
    ['🚀', 2],
    ['👩‍👩‍👧', 2],
    ['🇫🇷', 2],
    ['☀️', 2],
    ['±·→…–✓✗×', 8],
    ['a\u200bb', 2],
  ])('of %j is %d columns', (text, columns) => {
    expect(displayWidth(text)).toBe(columns);
  });
});

describe('cutToWidth', () => {
  test.each([
    ['short', 10, 'short'],
    ['exactly', 7, 'exactly'],
    ['too long', 5, 'too …'],
    ['モデル', 4, 'モ…'],
    ['👩‍👩‍👧👩‍👩‍👧', 3, '👩‍👩‍👧…'],
    ['anything', 1, '…'],
    ['anything', 0, ''],
  ])('%j in %d columns is %j', (text, width, cut) => {
    expect(cutToWidth(text, width)).toBe(cut);
  });

  test('never takes more than its columns', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 0, max: 40 }), (text, width) => {
        expect(displayWidth(cutToWidth(text, width))).toBeLessThanOrEqual(width);
      }),
    );
  });
});
