import { describe, expect, test } from 'vitest';
import { numberOrNull, statedNumber } from '../../samplers/stated-number.ts';

describe('statedNumber', () => {
  test.each([
    ['123.45', 123.45, ''],
    ['123,45', 123.45, ''],
    [' 0.00 W ', 0, 'W'],
    ['12 %', 12, '%'],
    ['35.0°C', 35, '°C'],
    ['-3.5 mW', -3.5, 'mW'],
    ['1e3', 1000, ''],
    ['.5', 0.5, ''],
  ])('%s is %s %s', (text, value, unit) => {
    expect(statedNumber(text)).toEqual({ value, unit });
  });

  test.each([
    '[N/A]',
    'N/A',
    '[Not Supported]',
    '[Unknown Error]',
    'ERR!',
    '[GPU is lost]',
    'N/A (Secondary die)',
  ])('%s is missing, by its own word', (text) => {
    expect(statedNumber(text)).toEqual({ missing: text });
  });

  test.each(['65535', '4294967295', '4294967295 W', '4294967.295', '4294.967295', '18446744073709551615'])(
    '%s stands for none',
    (text) => {
      expect(numberOrNull(text)).toBeNull();
    },
  );

  test.each(['', '   ', '1e999', 'NaN', 'Infinity', '0x10 W?', '1.2.3', '12 34', 'W 12'])(
    '%j is no number',
    (text) => {
      expect(numberOrNull(text)).toBeNull();
    },
  );
});
