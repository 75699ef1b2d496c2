import { describe, expect, test } from 'vitest';
import { CODES, type CodeId, isVoid, severityOf, sortCodes } from '../../src/core/codes.ts';

const IDS = Object.keys(CODES).filter((id): id is CodeId => id in CODES);

describe('every code', () => {
  test.each(IDS)('%s says in one line what is wrong, and in another what to do', (id) => {
    const { message, remedy } = CODES[id];
    expect(id).toMatch(/^[A-Z]+(_[A-Z]+)*$/);
    for (const text of [message, remedy]) {
      expect(text).toMatch(/^\S.{8,}\S$/);
      expect(text).not.toMatch(/\n|\.$/);
    }
  });
});

test('severity is that of the table', () => {
  expect(severityOf('NOT_BRACKETED')).toBe('void');
  expect(severityOf('FEW_SAMPLES')).toBe('doubt');
  expect(severityOf('SIMULATED')).toBe('info');
});

test('one void code among many forbids a joule', () => {
  expect(isVoid([])).toBe(false);
  expect(isVoid(['FEW_SAMPLES', 'SIMULATED'])).toBe(false);
  expect(isVoid(['FEW_SAMPLES', 'COVERAGE_LOW'])).toBe(true);
});

test('codes are given once each, in the order of the table, whatever order they came in', () => {
  const sorted = sortCodes(['SIMULATED', 'GAP', 'SIMULATED', 'NOT_BRACKETED']);
  expect(sorted).toEqual(['NOT_BRACKETED', 'GAP', 'SIMULATED']);
  expect(sortCodes([...IDS].reverse())).toEqual(IDS);
});
