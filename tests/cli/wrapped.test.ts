import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { wrapped } from '../../src/cli/wrapped.ts';

describe('wrapped', () => {
  test('leaves alone what fits', () => {
    expect(wrapped('one two', 7)).toEqual(['one two']);
  });

  test('breaks at blanks, and indents what follows by two more than the first line', () => {
    expect(wrapped('  → raise the interval', 12)).toEqual(['  → raise', '    the', '    interval']);
  });

  test('keeps a word whole that is longer than a line, so that it can be copied', () => {
    expect(wrapped('see http://127.0.0.1:1234/a/long/path now', 12)).toEqual([
      'see',
      '  http://127.0.0.1:1234/a/long/path',
      '  now',
    ]);
  });

  test('never wraps where there is no screen', () => {
    expect(wrapped('a '.repeat(500), Number.POSITIVE_INFINITY)).toHaveLength(1);
  });

  test('loses and adds no word', () => {
    const words = fc.array(fc.stringMatching(/^[a-z]{1,12}$/), { minLength: 1 });
    fc.assert(
      fc.property(words, fc.integer({ min: 16, max: 60 }), (list, width) => {
        const lines = wrapped(list.join(' '), width);
        expect(lines.map((line) => line.trim()).join(' ')).toBe(list.join(' '));
        for (const line of lines) expect(line.length).toBeLessThanOrEqual(width);
      }),
    );
  });
});
