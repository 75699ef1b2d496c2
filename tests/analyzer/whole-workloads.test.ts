import { describe, expect, test } from 'vitest';
import { analyze } from '../../src/analyzer/analyze.ts';
import type { Estimate, RunDocument, Summary } from '../../src/core/result.ts';
import { nominalCost, virtualWorkload } from '../support/virtual-workload.ts';

function whole({ summary }: RunDocument): Summary {
  const found = summary.find(({ category, headline }) => category === 'all' && headline);
  if (found === undefined) throw new Error('no summary');
  return found;
}

function offBy(estimate: Estimate | undefined, truth: number): number {
  return Math.abs((estimate?.value ?? Number.NaN) / truth - 1);
}

function holds(estimate: Estimate | undefined, truth: number): boolean {
  const [low, high] = estimate?.ci95 ?? [Number.NaN, Number.NaN];
  return low <= truth && truth <= high;
}

describe('built-in workloads on the simulated machine, meter text to document', () => {
  test.each([3, 4])('energy-grid-v1 tells prefill from decode by regression (machine %i)', async (seed) => {
    const settings = { workload: 'energy-grid-v1', trials: 2, seed, interval_ms: 500 };
    const document = analyze(await virtualWorkload(settings));
    const { codes, n, parts } = whole(document);
    const { decode, prefill, regression } = parts ?? {};
    expect(n).toBe(24);
    // Half of the prompts are too short for the meter's windows, most answers are not: each part says how it was had.
    expect(prefill?.method).toBe('regression');
    expect(decode?.method).toBe('window');
    expect(regression?.residuals).toHaveLength(regression?.n ?? 0);
    expect(regression?.varianceInflation).toBeLessThan(5);
    for (const estimate of [regression?.prefill_JPerTok, prefill?.net_JPerTok]) {
      expect(offBy(estimate, nominalCost('prefill'))).toBeLessThan(0.05);
      expect(holds(estimate, nominalCost('prefill'))).toBe(true);
    }
    for (const estimate of [regression?.decode_JPerTok, decode?.net_JPerTok])
      expect(offBy(estimate, nominalCost('decode'))).toBeLessThan(0.03);
    // This machine's decode costs the same at any depth.
    expect(holds(regression?.slope_JPerTok2, 0)).toBe(true);
    expect(codes).not.toContain('LENGTHS_COLLINEAR');
    const methods = new Set(
      document.trials.map(({ energy }) => energy.find(({ domain }) => domain === document.headline)?.method),
    );
    expect([...methods].sort()).toEqual(['none', 'window']);
  });

  test('prefill-v1 gives prefill of every length by blocks, and no decode', async () => {
    const document = analyze(
      await virtualWorkload({ workload: 'prefill-v1', trials: 2, seed: 5, interval_ms: 500 }),
    );
    const headlines = document.summary.filter(({ headline }) => headline);
    expect(headlines.map(({ category }) => category)).toEqual([
      ...['in128', 'in512', 'in1024', 'in2048', 'in4096', 'in8192', 'all'],
    ]);
    for (const { parts } of headlines) {
      expect(parts?.prefill.method).toBe('block');
      expect(offBy(parts?.prefill.net_JPerTok, nominalCost('prefill'))).toBeLessThan(0.05);
      expect(parts?.decode).toMatchObject({ method: 'none', n: 0 });
    }
  });

  test('decode-v1 takes prefill off each answer by its block: long answers within 3 %', async () => {
    const document = analyze(
      await virtualWorkload({ workload: 'decode-v1', trials: 2, seed: 6, interval_ms: 500 }),
    );
    const { parts } = whole(document);
    expect(parts).toMatchObject({ prefill: { method: 'block' }, decode: { method: 'block' } });
    expect(offBy(parts?.decode.net_JPerTok, nominalCost('decode'))).toBeLessThan(0.03);
    const [longest] = document.summary.filter(({ category, headline }) => category === 'out4096' && headline);
    expect(offBy(longest?.parts?.decode.net_JPerTok, nominalCost('decode'))).toBeLessThan(0.02);
  });
});
