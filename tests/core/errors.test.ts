import { describe, expect, test } from 'vitest';
import { asLmpowerError, ERRORS, type ErrorCode, LmpowerError } from '../../src/core/errors.ts';

const IDS = Object.keys(ERRORS).filter((id): id is ErrorCode => id in ERRORS);

describe('every error code', () => {
  test.each(IDS)('%s has a remedy to type and one of the agreed exit codes', (id) => {
    expect(ERRORS[id].remedy).toMatch(/\S/);
    expect([1, 2, 3, 130]).toContain(ERRORS[id].exitCode);
  });

  test('exit 1 is for bugs alone, and 130 for an interruption alone', () => {
    expect(IDS.filter((id) => ERRORS[id].exitCode === 1)).toEqual(['BUG']);
    expect(IDS.filter((id) => ERRORS[id].exitCode === 130)).toEqual(['INTERRUPTED']);
  });
});

describe('LmpowerError', () => {
  test('takes its remedy and its exit code from the table', () => {
    const error = new LmpowerError('STORE_TOO_NEW', 'written by a newer lmpower');
    expect(error).toMatchObject({ exitCode: 3, remedy: ERRORS.STORE_TOO_NEW.remedy, name: 'LmpowerError' });
    expect(error.cause).toBeUndefined();
  });

  test('takes the remedy of whoever knows better, and keeps the cause', () => {
    const cause = new Error('ENOENT');
    const error = new LmpowerError('USAGE', 'no such file', { remedy: 'ls', cause });
    expect(error).toMatchObject({ remedy: 'ls', cause });
  });
});

describe('asLmpowerError', () => {
  test('leaves ours alone', () => {
    const error = new LmpowerError('USAGE', 'wrong');
    expect(asLmpowerError(error, 'STORE_LOCKED')).toBe(error);
  });

  test('makes a bug of anything else, which is kept as the cause', () => {
    const thrown = new RangeError('out of range');
    expect(asLmpowerError(thrown)).toMatchObject({ code: 'BUG', message: 'out of range', cause: thrown });
    expect(asLmpowerError(undefined).message).toBe('undefined');
  });

  test('or what the caller says it is', () => {
    expect(asLmpowerError('gone', 'SAMPLER_UNAVAILABLE').code).toBe('SAMPLER_UNAVAILABLE');
  });
});
