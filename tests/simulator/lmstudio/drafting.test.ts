import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DEFAULT_CATALOG } from '../../../src/simulator/lmstudio/catalog.ts';
import { draftedCourse, plainCourse } from '../../../src/simulator/lmstudio/drafting.ts';
import { effortOf } from '../../../src/simulator/lmstudio/effort.ts';

const model = DEFAULT_CATALOG[0];
if (model === undefined) throw new Error('the lab has no models');
const effort = effortOf(model, {});
const draft = { decodeTokPerS: 400 };
const words = (count: number, seed = ''): string[] =>
  Array.from({ length: count }, (_, index) => ` word${seed}${index}`);

describe('plainCourse', () => {
  test('gives one token a pass', () => {
    const { offsets_s } = plainCourse(3, effort);
    expect(offsets_s).toEqual([0, 1, 2, 3].map((index) => index / effort.decodeTokPerS));
  });
});

describe('draftedCourse', () => {
  test('the same text always takes the same course', () => {
    expect(draftedCourse(words(50), effort, draft)).toEqual(draftedCourse(words(50), effort, draft));
  });

  test('each token comes once, no earlier than the one before, the first at once', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 80 }), fc.string(), (count, seed) => {
        const { accepted_tok, draft_tok, offsets_s } = draftedCourse(words(count, seed), effort, draft);
        expect([offsets_s.length, draft_tok.length, accepted_tok.length]).toEqual([count + 1, count, count]);
        expect(offsets_s[0]).toBe(0);
        expect(offsets_s).toEqual(offsets_s.toSorted((a, b) => a - b));
        expect(accepted_tok.every((accepted, i) => accepted <= (draft_tok[i] ?? 0))).toBe(true);
        // What was not accepted, the large model said itself: at least one token a pass.
        expect(accepted_tok.at(-1) ?? 0).toBeLessThan(count);
      }),
      { numRuns: 50 },
    );
  });

  test('is faster than one token a pass, and about three of four tokens in a row are right', () => {
    const { accepted_tok, draft_tok, offsets_s } = draftedCourse(words(2000), effort, draft);
    expect(offsets_s.at(-1)).toBeLessThan(0.7 * (2000 / effort.decodeTokPerS));
    // 0.75 + 0.75² + 0.75³ + 0.75⁴ of four.
    expect((accepted_tok.at(-1) ?? 0) / (draft_tok.at(-1) ?? 1)).toBeCloseTo(2.05 / 4, 1);
  });
});

describe('effortOf', () => {
  const cached = (k: string, v: string) =>
    effortOf(model, {
      'llm.load.llama.kCacheQuantizationType': { checked: true, value: k },
      'llm.load.llama.vCacheQuantizationType': { checked: true, value: v },
    });

  test('f16 caches are what the model has by itself; an unticked box asks for nothing', () => {
    expect(cached('f16', 'f16')).toEqual(effort);
    const unticked = { 'llm.load.llama.kCacheQuantizationType': { checked: false, value: 'q4_0' } };
    expect(effortOf(model, unticked)).toEqual(effort);
  });

  test('a smaller cache decodes faster at more power, each half of it by half', () => {
    const [half, whole] = [cached('q8_0', 'f16'), cached('q8_0', 'q8_0')];
    expect(whole.decodeTokPerS).toBeGreaterThan(half.decodeTokPerS);
    expect(half.decodeTokPerS).toBeGreaterThan(effort.decodeTokPerS);
    expect(whole.decodePower.gpu_W).toBeGreaterThan(effort.decodePower.gpu_W);
    expect(whole.prefillTokPerS).toBe(effort.prefillTokPerS);
  });

  test('what runs on another machine draws nothing here', () => {
    const { decodePower, prefillPower } = effortOf({ ...model, deviceIdentifier: 'other' }, {});
    expect([decodePower.gpu_W, prefillPower.gpu_W]).toEqual([0, 0]);
  });
});
