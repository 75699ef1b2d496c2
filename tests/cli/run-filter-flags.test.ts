import { expect, test } from 'vitest';
import { patternOf } from '../../src/cli/flags.ts';
import { checkTag } from '../../src/cli/run-annotations.ts';
import { runFilterOf, sinceFlag } from '../../src/cli/run-filter-flags.ts';

const USAGE = expect.objectContaining({ code: 'USAGE' });

test.each([
  ['2026-01-31', '2026-01-31'],
  ['2026-01-31T12:00', '2026-01-31T12:00'],
  ['2026-01-31 12:00:30Z', '2026-01-31T12:00:30'],
])('--since %s compares with stored times as %s', (typed, text) => {
  expect(sinceFlag(typed)).toBe(text);
});

test.each(['', 'yesterday', '2026-13-01', '31.1.2026', '2026-01-31T25:00', '2026-01-31T12:00+02:00'])(
  '--since %j is refused',
  (typed) => {
    expect(() => sinceFlag(typed)).toThrow(USAGE);
  },
);

test('a pattern of a model does not care for case, and a broken one is refused', () => {
  expect('Qwen3-4B').toMatch(patternOf('--model')('qwen.*4b$'));
  expect(() => patternOf('--model')('(')).toThrow(USAGE);
});

test('a filter holds what was given, and nothing else', () => {
  expect(runFilterOf({ tag: 'kept', limit: 3 })).toEqual({ tag: 'kept', limit: 3 });
  expect(Object.keys(runFilterOf({}))).toEqual([]);
});

test.each(['', '  ', 'x'.repeat(65), 'a\u001b[2J', 'a\nb'])('%j is no tag', (tag) => {
  expect(() => checkTag(tag)).toThrow(USAGE);
});

test('blanks around a tag are none of it', () => {
  expect(checkTag(' quiet room ')).toBe('quiet room');
});
