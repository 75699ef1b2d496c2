import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { lineOf, repeatedKey } from '../../src/orchestrator/json-places.ts';

const TEXT = ['{', '  "a": 1,', '  "b": [', '    "x",', '    { "c\\n": null }', '  ]', '}'].join('\n');

describe('lineOf', () => {
  test.each([
    [[], 1],
    [['a'], 2],
    [['b'], 3],
    [['b', 0], 4],
    [['b', 1], 5],
    [['b', 1, 'c\n'], 5],
  ])('the value at %j begins on line %i', (path, line) => {
    expect(lineOf(TEXT, path)).toBe(line);
  });

  test('what is missing is looked for where it belongs', () => {
    expect(lineOf(TEXT, ['b', 1, 'd'])).toBe(5);
    expect(lineOf(TEXT, ['b', 7])).toBe(3);
    expect(lineOf(TEXT, ['z'])).toBe(1);
  });

  test.each([
    ['{\n"a": 1,\n}', 3],
    ['{\n"a" 1\n}', 2],
    ['{\n"a": "broken\nline"\n}', 2],
    ['{\n"a": 01\n}', 2],
    ['{\n"a": [1,\n2\n', 4],
    ["{\n'a': 1}", 2],
    ['{"a": 1}\n\n!', 3],
    ['', 1],
  ])('%j stops being JSON on line %i', (text, line) => {
    expect(() => JSON.parse(text)).toThrow();
    expect(lineOf(text, ['a'])).toBe(line);
  });

  test('nesting without end is no crash', () => {
    expect(lineOf('['.repeat(100_000), [])).toBe(1);
  });

  test('finds every value of any JSON, one array element a line', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue({ maxDepth: 3 }), { minLength: 1, maxLength: 6 }), (values) => {
        const text = `[\n${values.map((value) => JSON.stringify(value)).join(',\n')}\n]`;
        for (const index of values.keys()) expect(lineOf(text, [index])).toBe(index + 2);
      }),
    );
  });
});

describe('repeatedKey', () => {
  test.each<[string, object | null]>([
    ['{"a": 1,\n "b": {"a": 2},\n "a": 3}', { path: ['a'], line: 3 }],
    ['{"a": {"x": 1},\n "a": {"x": 2}}', { path: ['a'], line: 2 }],
    ['[{"a": 1}, {"b": 1,\n "b": 1}]', { path: [1, 'b'], line: 2 }],
    ['{"a": 1, "b": {"a": 1}, "c": [{"a": 1}, {"a": 1}]}', null],
    ['{"a": 1', null],
  ])('%s', (text, found) => {
    expect(repeatedKey(text)).toEqual(found);
  });
});
