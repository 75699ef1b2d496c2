import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { armEffect, type Observation } from '../../../src/analyzer/compare/arm-effect.ts';

const observation = (arm: 0 | 1, at_s: number, logValue: number, stratum = 'p'): Observation => ({
  arm,
  at_s,
  stratum,
  logValue,
});

const ABBA: readonly (0 | 1)[] = [0, 1, 1, 0, 0, 1, 1, 0];

describe('armEffect', () => {
  test('arm, trend and prompts are told apart exactly where nothing scatters', () => {
    const fit = armEffect(
      ABBA.flatMap((arm, i) => [
        observation(arm, i, 0.05 * arm + 0.01 * i, 'short'),
        observation(arm, i + 0.5, 0.05 * arm + 0.01 * (i + 0.5) - 2, 'long'),
      ]),
    );
    expect(fit?.effect).toBeCloseTo(0.05, 12);
    expect(fit?.drift).toBeCloseTo(0.01 * 7.5, 12);
    expect(fit?.spread).toBeCloseTo(0, 12);
    expect(fit?.df).toBe(16 - 2 - 2);
  });

  test('the textbook case: two means without a trend give the pooled t', () => {
    // Equal times: no trend can be seen. Means 2 and 5, Σ squares 2 + 8, df 4, s² = 2.5, s.e. = √(2.5·2/3).
    const fit = armEffect(
      [1, 2, 3].map((y) => observation(0, 0, y)).concat([3, 5, 7].map((y) => observation(1, 0, y))),
    );
    expect(fit).toMatchObject({ df: 4, drift: null });
    expect(fit?.effect).toBeCloseTo(3, 12);
    expect(fit?.standardError).toBeCloseTo(Math.sqrt((2.5 * 2) / 3), 12);
  });

  test('a trend that is a copy of the arm is left out, not divided by nothing', () => {
    const fit = armEffect([0, 0, 1, 1].map((arm, i) => observation(arm === 0 ? 0 : 1, arm, i)));
    expect(fit?.drift).toBeNull();
    expect(fit?.effect).toBeCloseTo(2, 12);
  });

  test('one repetition of each prompt shows no trend: a hair between times is no slope', () => {
    // Runs apart, each clock from its own middle: the same prompts at almost the same times.
    const rows = ['short', 'medium', 'long'].flatMap((prompt, i) => [
      observation(0, 100 * i, i, prompt),
      observation(1, 100 * i + 0.1 * (i - 1), i + 0.03 + 0.001 * i, prompt),
    ]);
    const fit = armEffect(rows);
    expect(fit).toMatchObject({ drift: null, df: 2 });
    expect(fit?.effect).toBeCloseTo(0.031, 10);
  });

  test('nothing to go on: no prompt that both answered, or no degree of freedom', () => {
    expect(armEffect([])).toBeNull();
    expect(armEffect([observation(0, 0, 1), observation(1, 1, 2)])).toBeNull();
    expect(
      armEffect([0, 1, 2, 3].map((i) => observation(i < 2 ? 0 : 1, i, i, i < 2 ? 'only a' : 'only b'))),
    ).toBeNull();
  });

  test('exchanging the arms turns the sign and nothing else; shifting time or scale changes nothing', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 8, maxLength: 8 }),
        fc.double({ min: -1e4, max: 1e4, noNaN: true }),
        fc.double({ min: 0.1, max: 100, noNaN: true }),
        (logs, shift_s, scale) => {
          const rows = ABBA.map((arm, i) => observation(arm, i, logs[i] ?? 0));
          const plain = armEffect(rows);
          const turned = armEffect(rows.map((row) => ({ ...row, arm: row.arm === 0 ? 1 : 0 })));
          const moved = armEffect(rows.map((row) => ({ ...row, at_s: shift_s + scale * row.at_s })));
          expect(turned?.effect).toBeCloseTo(-(plain?.effect ?? Number.NaN), 9);
          expect(turned?.standardError).toBeCloseTo(plain?.standardError ?? Number.NaN, 9);
          expect(moved?.effect).toBeCloseTo(plain?.effect ?? Number.NaN, 6);
          expect(moved?.standardError).toBeCloseTo(plain?.standardError ?? Number.NaN, 6);
        },
      ),
    );
  });
});
