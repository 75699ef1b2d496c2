import { describe, expect, test } from 'vitest';
import { publishedFor } from '../../src/analyzer/published.ts';
import { rowsOf, SAMPLE_MODELS, sampleRecording } from '../support/report-rows.ts';

const modelled = (key: string) =>
  rowsOf(
    sampleRecording({
      repetitions: 1,
      models: SAMPLE_MODELS.slice(0, 1).map((model) => ({ ...model, key })),
    }),
  ).documents;

describe('publishedFor', () => {
  test('has models of half to twice the size, of the same scope, asked one at a time', () => {
    const [band] = publishedFor(modelled('qwen3-4b@q4_k_m'));
    expect(band?.activeParams_B).toBe(4);
    expect(band?.values.length).toBeGreaterThan(2);
    for (const { activeParams_B, isBatched, scope } of band?.values ?? []) {
      expect([isBatched, scope]).toEqual([false, 'soc']);
      expect(activeParams_B).toBeGreaterThanOrEqual(2);
      expect(activeParams_B).toBeLessThanOrEqual(8);
    }
  });

  test('has none for a model whose name tells no size, or of a size that nobody published', () => {
    expect(publishedFor(modelled('a-model-of-mine'))).toEqual([]);
    expect(publishedFor(modelled('giant-700b'))).toEqual([]);
  });

  test('has none for a simulated machine', () => {
    const documents = modelled('qwen3-4b').map((document) => ({ ...document, simulated: true as const }));
    expect(publishedFor(documents)).toEqual([]);
  });

  test('has none where the domain is of a scope that nobody published', () => {
    const documents = modelled('qwen3-4b').map((document) => ({
      ...document,
      summary: document.summary.map((one) => ({ ...one, domain: 'dram' })),
    }));
    expect(publishedFor(documents)).toEqual([]);
  });
});
