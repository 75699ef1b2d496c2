import { beforeAll, describe, expect, test } from 'vitest';
import { learnVocabulary, UNSAID, type Vocabulary } from '../../../scripts/gguf/vocabulary.ts';
import { readWords } from '../../../scripts/gguf/words.ts';

describe('learnVocabulary', () => {
  let words: readonly string[] = [];
  let vocabulary: Vocabulary = { tokens: [], scores: [], types: [] };
  beforeAll(async () => {
    words = await readWords();
    vocabulary = learnVocabulary(words, 1024);
  });

  test('has 1,024 tokens, none twice, with a score and a type each', () => {
    expect(new Set(vocabulary.tokens).size).toBe(1024);
    expect(vocabulary.scores).toHaveLength(1024);
    expect(vocabulary.types).toHaveLength(1024);
  });

  test('begins with the control tokens and all 256 bytes, which are never said', () => {
    expect(vocabulary.tokens.slice(0, 4)).toEqual(['<unk>', '<s>', '</s>', '<0x00>']);
    expect(vocabulary.tokens[UNSAID - 1]).toBe('<0xFF>');
    expect(vocabulary.types.slice(0, UNSAID)).toEqual([2, 3, 3, ...new Array<number>(256).fill(6)]);
    expect(vocabulary.types.slice(UNSAID).every((type) => type === 1)).toBe(true);
  });

  test('every longer piece is two known pieces joined, so that a tokenizer can reach it', () => {
    const known = new Set(vocabulary.tokens.slice(UNSAID));
    const unreachable = [...known].filter((piece) => {
      const letters = [...piece];
      return (
        letters.length > 1 &&
        !letters.some(
          (_letter, at) =>
            at > 0 && known.has(letters.slice(0, at).join('')) && known.has(letters.slice(at).join('')),
        )
      );
    });
    expect(unreachable).toEqual([]);
  });

  test('scores fall in the order of learning', () => {
    const scores = vocabulary.scores.slice(UNSAID);
    expect(scores).toEqual(scores.toSorted((a, b) => b - a));
    expect(new Set(scores).size).toBe(scores.length);
  });

  test('knows the commonest words whole', () => {
    for (const word of ['▁the', '▁of', '▁and']) expect(vocabulary.tokens).toContain(word);
  });

  test('is the same for the same words, and refuses too few', () => {
    expect(learnVocabulary(words, 1024)).toEqual(vocabulary);
    expect(() => learnVocabulary(['apple', 'pear'], 1024)).toThrow(RangeError);
  });
});
