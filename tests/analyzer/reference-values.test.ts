import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  activeParamsOf,
  REFERENCE_VALUES,
  referenceCodes,
  sanityBand,
  sanityLine,
} from '../../src/analyzer/reference-values.ts';

describe('activeParamsOf', () => {
  test.each([
    ['qwen/qwen3-4b', 4],
    ['simulated-4b@q4_k_m', 4],
    ['Qwen3-30B-A3B-Instruct', 3],
    ['qwen3-235b-a22b', 22],
    ['gemma-4-e2b-it', 2],
    ['google/gemma-3-270m', 0.27],
    ['openai/gpt-oss-20b', 3.6],
    ['mixtral-8x7b-instruct', 12.9],
    ['llama3.2:3b', 3],
    ['Llama-3.1-8B-Instruct-Q4_K_M', 8],
    ['qwen3-0.6b', 0.6],
    ['qwen2.5-1.5b', 1.5],
    ['phi-4-mini', null],
    ['some-8x3b', null],
    ['model-4bit', null],
    ['', null],
  ])('%s: %s', (model, params_B) => {
    expect(activeParamsOf(model)).toBe(params_B);
  });
});

describe('sanityLine', () => {
  test('warns outside the band, and says nothing inside it or where nothing can be said', () => {
    expect(sanityLine('qwen3-4b', 0.4)).toBeNull();
    expect(sanityLine('qwen3-4b', 400)).toContain('above');
    expect(sanityLine('qwen3-4b', 0.0004)).toContain('below');
    expect(sanityLine('llama-70b', 1)).toContain('below');
    expect(sanityLine('phi-4-mini', 400)).toBeNull();
    expect(sanityLine('qwen3-4b', null)).toBeNull();
    expect(referenceCodes('qwen3-4b', 400)).toEqual(['OUTSIDE_REFERENCE']);
    expect(referenceCodes('qwen3-4b', 0.4)).toEqual([]);
  });

  test('a thousandfold unit slip never passes', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.1, max: 100, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (b, x) => {
          const [least, most] = sanityBand(b);
          const inside = least + x * (most - least);
          expect(inside * 1000).toBeGreaterThan(most);
          expect(inside / 1000).toBeLessThan(least);
        },
      ),
    );
  });
});

describe('REFERENCE_VALUES', () => {
  test('every measured value of one-stream use lies inside the band of its class', () => {
    const local = REFERENCE_VALUES.filter(({ isBatched, isUpperBound }) => !isBatched && !isUpperBound);
    expect(local.length).toBeGreaterThan(10);
    for (const { activeParams_B, value_JPerTok } of local) {
      const [least, most] = sanityBand(activeParams_B);
      expect(value_JPerTok).toBeGreaterThanOrEqual(least);
      expect(value_JPerTok).toBeLessThanOrEqual(most);
    }
  });

  test('each says what it covers and where it is from', () => {
    for (const { machine, model, scope, setup, source } of REFERENCE_VALUES)
      for (const text of [machine, model, scope, setup, source]) expect(text).not.toBe('');
  });
});
