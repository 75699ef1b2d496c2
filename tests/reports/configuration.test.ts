import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { configurations, shortName } from '../../reports/configuration.ts';
import { thinned } from '../../reports/thin.ts';
import { EMOJI_NAME } from '../support/odd-rows.ts';
import { rowsOf, SAMPLE_MODELS, sampleRecording } from '../support/report-rows.ts';

describe('names', () => {
  test('a long name keeps both ends, and no letter is cut in half', () => {
    const short = shortName(EMOJI_NAME);
    expect([...short].length).toBe(60);
    expect(short).toMatch(/^(🦙)+…(🦙)+$/u);
    expect(shortName('qwen3-4b@q4_k_m')).toBe('qwen3-4b@q4_k_m');
  });

  test('are never longer than asked and unchanged when they fit', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', maxLength: 200 }),
        fc.integer({ min: 2, max: 80 }),
        (name, limit) => {
          const letters = [...new Intl.Segmenter().segment(shortName(name, limit))].length;
          return letters <= limit && (name.length > limit || shortName(name, limit) === name);
        },
      ),
    );
  });
});

describe('configurations', () => {
  test('are ranked by net J/token and uniquely named, also when one model was measured twice', () => {
    const models = SAMPLE_MODELS.slice(0, 2);
    const runs = [1, 2, 2].map((day) =>
      sampleRecording({ models, repetitions: 1, startedAt: `2026-03-0${day}T09:30:00.000Z` }),
    );
    const labels = configurations(rowsOf(...runs).documents).map(({ label }) => label);
    expect(new Set(labels).size).toBe(6);
    expect(labels).toEqual(expect.arrayContaining(['qwen3-4b@q4_k_m · 2026-03-01 09:30']));
    expect(labels[0]).toMatch(/^qwen3-4b@q4_k_m/);
  });
});

describe('thinned', () => {
  test('has at most as many points as asked, and loses no extreme and no value', () => {
    const values = fc.array(fc.record({ x: fc.double({ noNaN: true }), y: fc.integer() }), { minLength: 1 });
    fc.assert(
      fc.property(values, fc.integer({ min: 1, max: 50 }), (all, most) => {
        const points = thinned(all, most);
        expect(points.length).toBeLessThanOrEqual(most);
        expect(points.reduce((sum, { count }) => sum + count, 0)).toBe(all.length);
        expect(Math.max(...points.map(({ high }) => high))).toBe(Math.max(...all.map(({ y }) => y)));
        expect(Math.min(...points.map(({ low }) => low))).toBe(Math.min(...all.map(({ y }) => y)));
      }),
    );
  });
});
