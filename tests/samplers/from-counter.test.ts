import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CounterChain, type CounterStep } from '../../samplers/from-counter.ts';

type Reading = readonly [at_s: number, energy_J: number | null];

function stepsOf(
  readings: readonly Reading[],
  range_J: number | null = null,
  maxPower_W = 100,
): CounterStep[] {
  const chain = new CounterChain({ domain: 'gpu:0', range_J, maxPower_W });
  return readings.map(([at_s, energy_J]) => chain.read(at_s, energy_J));
}

function energies(steps: readonly CounterStep[]): (number | undefined)[] {
  return steps.map((step) => step.sample?.energy_J);
}

describe('CounterChain', () => {
  test('the difference of two readings is one sample', () => {
    const [, step] = stepsOf([
      [1, 500],
      [2, 530],
    ]);
    expect(step).toEqual({
      sample: { domain: 'gpu:0', start_s: 1, end_s: 2, energy_J: 30, kind: 'counter' },
      reset: null,
    });
  });

  test('an unchanged counter is a sample of 0 J', () => {
    expect(
      energies(
        stepsOf([
          [0, 5],
          [1, 5],
        ]),
      ),
    ).toEqual([undefined, 0]);
  });

  test.each([null, Number.NaN, -3])(
    'a failed read (%s) is missing, and the next one bridges it exactly',
    (failed) => {
      const steps = stepsOf([
        [0, 100],
        [1, failed],
        [2, 160],
      ]);
      expect(energies(steps)).toEqual([undefined, undefined, 60]);
      expect(steps[2]?.sample).toMatchObject({ start_s: 0, end_s: 2 });
    },
  );

  test('a fall is a wrap-around where time × plausible power is less than the range', () => {
    const steps = stepsOf(
      [
        [0, 990],
        [1, 20],
      ],
      1000,
    );
    expect(energies(steps)).toEqual([undefined, 30]);
    expect(steps[1]?.reset).toBeNull();
  });

  test('a fall that would need more than plausible power is a reset, and its energy unknown', () => {
    const steps = stepsOf(
      [
        [0, 500],
        [1, 0],
        [2, 40],
      ],
      1000,
    );
    expect(energies(steps)).toEqual([undefined, undefined, 40]);
    expect(steps[1]?.reset).toBe('the counter fell from 500 J to 0 J');
  });

  test('after a silence in which the range may have been passed nothing is known, even where the counter rose', () => {
    const steps = stepsOf(
      [
        [0, 500],
        [11, 600],
        [12, 610],
      ],
      1000,
    );
    expect(energies(steps)).toEqual([undefined, undefined, 10]);
    expect(steps[1]?.reset).toMatch(/may have begun again/);
  });

  test('without a known range every fall is a reset', () => {
    expect(
      stepsOf([
        [0, 500],
        [1, 499],
      ])[1]?.reset,
    ).not.toBeNull();
  });

  test('wrap-around equals big-integer arithmetic', () => {
    const range_J = 2 ** 20;
    const rises = fc.array(fc.integer({ min: 0, max: 99 }), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: range_J - 1 }), rises, (start, steps) => {
        let true_J = BigInt(start);
        const readings: Reading[] = [[0, start]];
        steps.forEach((rise, i) => {
          true_J += BigInt(rise);
          readings.push([i + 1, Number(true_J % BigInt(range_J))]);
        });
        const summed_J = energies(stepsOf(readings, range_J)).reduce<number>(
          (sum, one) => sum + (one ?? 0),
          0,
        );
        expect(BigInt(summed_J)).toBe(true_J - BigInt(start));
      }),
    );
  });
});
