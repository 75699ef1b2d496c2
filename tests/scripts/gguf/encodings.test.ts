import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ENCODINGS, type EncodingName } from '../../../scripts/gguf/encodings.ts';
import { readValues } from '../../support/gguf-reader.ts';

/** Half a unit in the last place of a half, relative. */
const HALF_ROUNDING = 2 ** -11;
const weight = fc
  .float({ min: -1000, max: 1000, noNaN: true })
  .filter((x) => x === 0 || Math.abs(x) > 2 ** -8);
const blocks = fc
  .integer({ min: 1, max: 4 })
  .chain((count) => fc.array(weight, { minLength: 32 * count, maxLength: 32 * count }));

function roundTrip(name: EncodingName, values: readonly number[]): number[] {
  const { encode, type } = ENCODINGS[name];
  return readValues(encode(Float32Array.from(values)), { type, start_B: 0, count: values.length });
}

function widest(values: readonly number[], index: number): number {
  const from = index - (index % 32);
  return Math.max(...values.slice(from, from + 32).map(Math.abs));
}

describe('encodings', () => {
  test.each<[EncodingName, string, (value: number, widest: number) => number]>([
    ['F32', 'nothing', () => 0],
    ['F16', 'half a unit in the last place', (value) => Math.abs(value) * HALF_ROUNDING],
    ['Q8_0', 'half a step of widest / 127', (_value, most) => most * (0.5 / 127 + HALF_ROUNDING)],
    // A step, not half: there are eight steps on the widest one's side of zero, but seven on the other.
    ['Q4_0', 'a step of widest / 8', (_value, most) => most * (1 / 8 + HALF_ROUNDING)],
  ])('%s loses at most %s', (name, _bound, boundOf) => {
    fc.assert(
      fc.property(blocks, (values) => {
        for (const [index, decoded] of roundTrip(name, values).entries()) {
          const value = values[index] ?? Number.NaN;
          const slack = 1e-12 * Math.abs(value);
          expect(Math.abs(decoded - value)).toBeLessThanOrEqual(
            boundOf(value, widest(values, index)) + slack,
          );
        }
      }),
      { numRuns: 200 },
    );
  });

  test('Q4_0 keeps what lies on the widest one’s side of zero to half a step', () => {
    fc.assert(
      fc.property(
        fc.array(fc.float({ min: 0, max: 1, noNaN: true }), { minLength: 31, maxLength: 31 }),
        (rest) => {
          const values = [1, ...rest];
          for (const [index, decoded] of roundTrip('Q4_0', values).entries())
            expect(Math.abs(decoded - (values[index] ?? Number.NaN))).toBeLessThanOrEqual(0.5 / 8 + 1e-9);
        },
      ),
      { numRuns: 200 },
    );
  });

  test.each(['F16', 'Q8_0', 'Q4_0'] as const)('zeros stay zeros in %s', (name) => {
    expect(roundTrip(name, new Array<number>(64).fill(0)).every((value) => value === 0)).toBe(true);
  });

  test('a block of Q8_0 is its step and 32 signed bytes', () => {
    const values = [127, -127, 1, ...new Array<number>(29).fill(0)];
    const bytes = ENCODINGS.Q8_0.encode(Float32Array.from(values));
    expect([...bytes.slice(0, 6)]).toEqual([0x00, 0x3c, 127, 129, 1, 0]);
    expect(bytes).toHaveLength(34);
  });

  test('a block of Q4_0 is its step and 16 bytes, the second half of the numbers in their high bits', () => {
    const values = new Array<number>(32).fill(0);
    values[0] = -8;
    values[16] = 7;
    values[1] = 1;
    const bytes = ENCODINGS.Q4_0.encode(Float32Array.from(values));
    expect([...bytes.slice(0, 5)]).toEqual([0x00, 0x3c, 0xf0, 0x89, 0x88]);
    expect(bytes).toHaveLength(18);
  });
});
