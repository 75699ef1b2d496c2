import { describe, expect, test } from 'vitest';
import { loadLexicon, nonceFor } from '../../src/orchestrator/nonce.ts';

describe('lexicon', () => {
  test('256 different lower-case words, sorted', () => {
    const words = loadLexicon();
    expect(new Set(words).size).toBe(256);
    expect(words.filter((word) => !/^[a-z]{4,10}$/.test(word))).toEqual([]);
    expect([...words].sort()).toEqual(words);
  });
});

describe('nonceFor', () => {
  test('the same seed gives the same eight words', () => {
    expect(nonceFor(loadLexicon(), 'w', 'p', 3)).toBe(nonceFor(loadLexicon(), 'w', 'p', 3));
    expect(nonceFor(loadLexicon(), 'w', 'p', 3).split(' ')).toHaveLength(8);
  });

  test('ten thousand seeds give ten thousand nonces, all words about equally often', () => {
    const lexicon = loadLexicon();
    const nonces = Array.from({ length: 10_000 }, (_, n) => nonceFor(lexicon, 'w', `p${n % 9}`, n));
    const counts = new Map<string, number>();
    for (const word of nonces.flatMap((nonce) => nonce.split(' ')))
      counts.set(word, (counts.get(word) ?? 0) + 1);
    expect(new Set(nonces).size).toBe(nonces.length);
    expect(counts.size).toBe(256);
    // Binomial with mean 312.5 and deviation 17.6: six deviations either way.
    expect(Math.min(...counts.values())).toBeGreaterThan(206);
    expect(Math.max(...counts.values())).toBeLessThan(419);
  });

  test('parts of the seed are not run together', () => {
    expect(nonceFor(loadLexicon(), 'a', 'bc')).not.toBe(nonceFor(loadLexicon(), 'ab', 'c'));
  });
});
