import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalJson } from '../../src/orchestrator/canonical-json.ts';

describe('canonicalJson', () => {
  test('sorts keys at every depth and leaves arrays in order', () => {
    expect(canonicalJson({ b: [2, { d: 1, c: null }], a: 'é"' })).toBe(
      '{"a":"é\\"","b":[2,{"c":null,"d":1}]}',
    );
  });

  test('is JSON of an equal value, and the same bytes whatever order the keys came in', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (given) => {
        const value: unknown = JSON.parse(JSON.stringify(given));
        expect(JSON.parse(canonicalJson(value))).toEqual(value);
        expect(canonicalJson(reversed(value))).toBe(canonicalJson(value));
      }),
    );
  });
});

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, member]) => [key, reversed(member)]),
  );
}
