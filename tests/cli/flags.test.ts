import { describe, expect, test } from 'vitest';
import { choiceFlag, countFlag, numberFlag, repeated, secondsFlag } from '../../src/cli/flags.ts';
import { LmpowerError } from '../../src/core/errors.ts';

const refused = (parse: () => unknown): LmpowerError => {
  try {
    parse();
  } catch (thrown) {
    if (thrown instanceof LmpowerError) return thrown;
  }
  throw new Error('was accepted');
};

describe('numberFlag', () => {
  test.each([
    ['500', 500],
    ['0', 0],
    ['-3', -3],
    ['+2', 2],
    ['0.05', 0.05],
    ['.5', 0.5],
    ['5.', 5],
    ['1e3', 1000],
    [' 7 ', 7],
  ])('reads %j as %d', (text, value) => {
    expect(numberFlag('--x', 1)(text)).toBe(value);
  });

  test.each(['', ' ', 'abc', 'NaN', 'Infinity', '-Infinity', '0x10', '1_000', '1,5', '5s', '1e', '--', '٣'])(
    'refuses %j, naming the flag, the value and an example',
    (text) => {
      const error = refused(() => numberFlag('--x', 42)(text));
      expect(error).toMatchObject({ code: 'USAGE', exitCode: 2, remedy: 'for example: --x 42' });
      expect(error.message).toContain(`'${text}'`);
    },
  );
});

describe('countFlag', () => {
  test.each(['1', '60', '9007199254740991'])('takes %s', (text) => {
    expect(countFlag('--samples', 60)(text)).toBe(Number(text));
  });

  test.each(['0', '-1', '1.5', '1e99', '9007199254740993'])('refuses %s', (text) => {
    expect(refused(() => countFlag('--samples', 60)(text)).message).toMatch(/whole number from 1 up/);
  });
});

describe('secondsFlag', () => {
  test.each(['0.1', '30', '10000000'])('takes %s', (text) => {
    expect(secondsFlag('--duration', 30)(text)).toBe(Number(text));
  });

  test.each(['0', '-0', '-5', '1e8', '1e999'])('refuses %s', (text) => {
    expect(refused(() => secondsFlag('--duration', 30)(text)).code).toBe('USAGE');
  });
});

describe('choiceFlag', () => {
  test('takes a word of the list, as it is written there', () => {
    expect(choiceFlag('--mode', ['stream', 'batch'])('batch')).toBe('batch');
  });

  test.each(['', 'Batch', 'batch ', 'toString'])('refuses %j and lists the words', (text) => {
    expect(refused(() => choiceFlag('--mode', ['stream', 'batch'])(text)).message).toContain('stream, batch');
  });
});

test('a repeated flag gathers its values in order', () => {
  expect(repeated('b', repeated('a', undefined))).toEqual(['a', 'b']);
});
