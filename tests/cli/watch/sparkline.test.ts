import { expect, test } from 'vitest';
import { sparkline } from '../../../src/cli/watch/sparkline.ts';

test.each([
  ['the scale goes from 0 to the greatest', [0, 1, 2, 3, 4, 5, 6, 7], 8, '▁▂▃▄▅▆▇█'],
  ['a steady course is full', [5, 5, 5], 8, '███'],
  ['no power at all is flat', [0, 0], 8, '▁▁'],
  ['the newest values are kept, and the scale is theirs', [100, 1, 2], 2, '▅█'],
  ['nothing gives nothing', [], 8, ''],
  ['no room gives nothing', [1, 2], 0, ''],
])('%s', (_name, values, width, line) => {
  expect(sparkline(values, width)).toBe(line);
});
