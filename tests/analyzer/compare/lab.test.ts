import { describe, expect, test } from 'vitest';
import { analyze } from '../../../src/analyzer/analyze.ts';
import { armsOf } from '../../../src/analyzer/compare/arm.ts';
import { compareArms } from '../../../src/analyzer/compare/compare.ts';
import type { Comparison } from '../../../src/core/comparison.ts';
import { trueChange, type VirtualModel, virtualComparison } from '../../support/virtual-comparison.ts';

/** Speed and power as the lab's catalog has them. */
const Q4: VirtualModel = {
  key: 'q4',
  decodeTokPerS: 48,
  decodePower: { cpu_W: 3.4, gpu_W: 11.5, ane_W: 0 },
};
const Q8: VirtualModel = {
  key: 'q8',
  decodeTokPerS: 28,
  decodePower: { cpu_W: 3.1, gpu_W: 12.2, ane_W: 0 },
};

interface Outcome {
  readonly comparison: Comparison;
  readonly truth: number;
}

function outcome(
  candidate: VirtualModel,
  seed: number,
  order: 'grouped' | 'interleaved' = 'interleaved',
): Outcome {
  const recording = virtualComparison({ models: [Q4, candidate], order, trials: 12, seed });
  const [a, b] = armsOf(analyze(recording));
  if (a === undefined || b === undefined) throw new Error('needs two models');
  return { comparison: compareArms(a, b), truth: trueChange(recording, [a.model, b.model]) };
}

describe('two quantizations of the lab, meter text to verdict in virtual time', () => {
  test('eight bits cost more than four, by as much as the physics says', () => {
    const { comparison, truth } = outcome(Q8, 1);
    expect(truth).toBeGreaterThan(0.5);
    expect(comparison).toMatchObject({ verdict: 'worse', design: 'interleaved', signedRank: { n: 12 } });
    expect(comparison.trueChange).toBeCloseTo(truth, 3);
    expect(comparison.change).toBeCloseTo(truth, 1);
    expect(Math.abs((1 + (comparison.change ?? 0)) / (1 + truth) - 1)).toBeLessThan(0.015);
    const ids = comparison.notes.map(({ id }) => id);
    expect(ids.filter((id) => id !== 'DOUBTFUL')).toEqual(['SIMULATED']);
  });

  test.each([1, 2])(
    'the same model under another name is not called worse or better (machine %i)',
    (seed) => {
      const { comparison } = outcome({ ...Q4, key: 'twin' }, seed);
      expect(['no significant change', 'inconclusive']).toContain(comparison.verdict);
      expect(comparison.ci95?.[0]).toBeLessThan(0.005);
      expect(comparison.ci95?.[1]).toBeGreaterThan(-0.005);
    },
  );

  test.each([1, 2])(
    'a tenth slower at the same power is found, and the true change lies in the interval (machine %i)',
    (seed) => {
      const { comparison, truth } = outcome(
        { ...Q4, key: 'slower', decodeTokPerS: Q4.decodeTokPerS / 1.1 },
        seed,
      );
      expect(comparison.verdict).toBe('worse');
      expect(comparison.ci95?.[0]).toBeLessThan(truth + 0.005);
      expect(comparison.ci95?.[1]).toBeGreaterThan(truth - 0.005);
    },
  );

  test('one after the other costs precision, and is named', () => {
    const grouped = outcome(Q8, 1, 'grouped').comparison;
    expect(grouped).toMatchObject({ verdict: 'worse', design: 'grouped' });
    expect(grouped.notes.map(({ id }) => id)).toContain('GROUPED_ORDER');
  });
});
