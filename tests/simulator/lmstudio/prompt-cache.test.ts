import { describe, expect, test } from 'vitest';
import { PromptCache, reusable_tok, shared_tok } from '../../../src/simulator/lmstudio/prompt-cache.ts';

const run = (from: number, count: number): number[] =>
  Array.from({ length: count }, (_, index) => from + index);

describe('shared_tok', () => {
  test('counts equal tokens from the given places to the first that differs', () => {
    expect(shared_tok([1, 2, 3], [1, 2, 4])).toBe(2);
    expect(shared_tok([9, 1, 2], [1, 2], 1)).toBe(2);
    expect(shared_tok([], [1])).toBe(0);
  });
});

describe('reusable_tok', () => {
  test('an identical prompt is reused but for its last token', () => {
    expect(reusable_tok(run(0, 939), run(0, 939))).toBe(938);
  });

  test('a nonce at the start defeats the reuse of a short text', () => {
    expect(reusable_tok(run(0, 200), [-1, ...run(1, 199)])).toBe(0);
  });

  test('a nonce at the start does not defeat the reuse of a block of 256 tokens, wherever it stood', () => {
    expect(reusable_tok(run(0, 600), [-1, ...run(0, 600), -2])).toBe(600);
    expect(reusable_tok([5, ...run(100, 600)], [5, -1, ...run(150, 300), -2])).toBe(301);
  });

  test('blocks of 255 tokens are too short', () => {
    expect(reusable_tok([5, ...run(100, 305)], [5, ...run(150, 255), -1, -2])).toBe(1);
  });
});

describe('PromptCache', () => {
  test('finds what the slot was left with, prompt and answer', () => {
    const cache = new PromptCache(1);
    const first = cache.take(run(0, 10));
    expect(first?.cached_tok).toBe(0);
    first?.release(run(0, 15));
    expect(cache.take(run(0, 30))?.cached_tok).toBe(15);
  });

  test('has no slot for more prompts than it has slots', () => {
    const cache = new PromptCache(2);
    const first = cache.take([1]);
    cache.take([2]);
    expect(cache.take([3])).toBeNull();
    first?.release([1]);
    expect(cache.take([3])).not.toBeNull();
  });

  test('gives a similar prompt its own slot again, and a strange one the slot unused for longest', () => {
    const cache = new PromptCache(2);
    const a = cache.take(run(0, 20));
    const b = cache.take(run(100, 20));
    b?.release(run(100, 20));
    a?.release(run(0, 20));
    const again = cache.take(run(0, 20));
    expect(again?.cached_tok).toBe(19);
    again?.release(run(0, 20));
    cache.take(run(500, 20))?.release(run(500, 20));
    expect(cache.take(run(100, 20))?.cached_tok).toBe(0);
  });
});
