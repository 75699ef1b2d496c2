import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { applyTemplate, hash32, piecesOf, tokensOf } from '../../../src/simulator/lmstudio/tokens.ts';

describe('piecesOf', () => {
  test('loses nothing: the pieces joined are the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), (text) => {
        expect(piecesOf(text).join('')).toBe(text);
      }),
    );
  });

  test.each([
    ['What is 2+2?', 7],
    ['Name three colors.', 4],
    ['Say hello.', 3],
    ['What are the main causes of climate change?', 9],
    ['', 0],
  ])('%j has %i tokens, as real tokenizers count it', (text, count) => {
    expect(piecesOf(text)).toHaveLength(count);
  });

  test('a template marker is one token', () => {
    expect(piecesOf('<|im_start|>user')).toEqual(['<|im_start|>', 'user']);
  });
});

describe('tokensOf', () => {
  test('ids are integers of the vocabulary, the same for the same piece', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const tokens = tokensOf(text);
        expect(tokens.every((id) => Number.isInteger(id) && id >= 0 && id < 128_000)).toBe(true);
        expect(tokensOf(text)).toEqual(tokens);
      }),
    );
  });
});

describe('hash32', () => {
  test.each([
    ['', 0x811c9dc5],
    ['a', 0xe40c292c],
    ['foobar', 0xbf9cf968],
  ])('of %j is the published FNV-1a value', (text, expected) => {
    expect(hash32(text)).toBe(expected);
  });
});

describe('applyTemplate', () => {
  test('wraps each turn and opens the answer', () => {
    expect(applyTemplate([{ role: 'user', text: 'Say hello.' }])).toBe(
      '<|im_start|>user\nSay hello.<|im_end|>\n<|im_start|>assistant\n',
    );
  });
});
