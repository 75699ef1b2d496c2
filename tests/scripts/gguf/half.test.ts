import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { halfBits } from '../../../scripts/gguf/half.ts';
import { halfValue } from '../../support/gguf-reader.ts';

const INFINITE_BITS = 0x7c00;
const LARGEST = 65_504;

describe('halfBits', () => {
  test('gives every half back', () => {
    const changed: number[] = [];
    for (let bits = 0; bits < 2 ** 16; bits += 1) {
      const isNumber = (bits & 0x7fff) <= INFINITE_BITS;
      if (isNumber && halfBits(halfValue(bits)) !== bits) changed.push(bits);
    }
    expect(changed).toEqual([]);
  });

  test('takes the nearest half, and of two the even one', () => {
    fc.assert(
      fc.property(fc.float({ min: -LARGEST, max: LARGEST, noNaN: true }), (value) => {
        const bits = halfBits(value);
        const error = Math.abs(halfValue(bits) - value);
        for (const neighbour of [bits - 1, bits + 1].filter((other) => (other & 0x7fff) < INFINITE_BITS)) {
          const other = Math.abs(halfValue(neighbour) - value);
          if (halfValue(neighbour) !== halfValue(bits)) expect(error).toBeLessThanOrEqual(other);
          if (error === other && error > 0) expect(bits % 2).toBe(0);
        }
      }),
      { numRuns: 2000 },
    );
  });

  test.each([
    ['a tie goes to the even half', 1 + 2 ** -11, 0x3c00],
    ['a tie above an odd half goes up', 1 + 3 * 2 ** -11, 0x3c02],
    ['half of the smallest is zero', 2 ** -25, 0],
    ['more than half of the smallest is the smallest', 2 ** -25 * 1.0001, 1],
    ['the largest subnormal rounds up into the normals', 2 ** -14 - 2 ** -26, 0x0400],
    ['just below the middle of the largest and the next stays', 65_519, 0x7bff],
    ['from the middle on it is infinite', 65_520, INFINITE_BITS],
    ['infinity stays', Number.NEGATIVE_INFINITY, 0xfc00],
    ['a negative zero keeps its sign', -0, 0x8000],
  ])('%s', (_fact, value, bits) => {
    expect(halfBits(value)).toBe(bits);
  });

  test('what is no number stays none', () => {
    expect(halfValue(halfBits(Number.NaN))).toBeNaN();
  });
});
