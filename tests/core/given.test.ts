import { expect, test } from 'vitest';
import { given } from '../../src/core/given.ts';

test('only null and undefined are not given', () => {
  expect(given({ a: 0, b: false, c: '', d: null, e: undefined, f: [] })).toEqual({
    a: 0,
    b: false,
    c: '',
    f: [],
  });
});
