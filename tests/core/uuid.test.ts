import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { uuidv7 } from '../../src/core/uuid.ts';

const random = fc.uint8Array({ minLength: 10, maxLength: 16 });
const time = fc.date({ min: new Date(0), max: new Date('9999-12-31'), noInvalidDate: true });

describe('uuidv7', () => {
  test('the example of RFC 9562 comes out as printed there', () => {
    const bytes = Uint8Array.of(0x0c, 0xc3, 0x18, 0xc4, 0xdc, 0x0c, 0x0c, 0x07, 0x39, 0x8f);
    expect(uuidv7('2022-02-22T19:22:22.000Z', bytes)).toBe('017f22e2-79b0-7cc3-98c4-dc0c0c07398f');
  });

  test('every id is one of version 7 and variant 10, and does not touch the bytes it is given', () => {
    fc.assert(
      fc.property(time, random, (at, bytes) => {
        const before = [...bytes];
        expect(uuidv7(at.toISOString(), bytes)).toMatch(
          /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
        );
        expect([...bytes]).toEqual(before);
      }),
    );
  });

  test('a later millisecond gives a greater id, whatever the random bytes', () => {
    fc.assert(
      fc.property(time, fc.integer({ min: 1, max: 1e9 }), random, random, (at, later_ms, a, b) => {
        const later = new Date(at.getTime() + later_ms);
        expect(uuidv7(at.toISOString(), a) < uuidv7(later.toISOString(), b)).toBe(true);
      }),
    );
  });

  test('too few random bytes, or a time that is none, are refused', () => {
    expect(() => uuidv7('2026-01-01T00:00:00Z', new Uint8Array(9))).toThrow(RangeError);
    expect(() => uuidv7('yesterday', new Uint8Array(10))).toThrow(RangeError);
  });
});
