import { expect, test } from 'vitest';
import { labelledReport } from '../../src/cli/simulated-label.ts';

test('a report of a simulated run begins by saying so; that of a real run is left as it is', () => {
  expect(JSON.stringify(labelledReport({ model: 'm' }, true))).toBe('{"simulated":true,"model":"m"}');
  const report = { model: 'm' };
  expect(labelledReport(report, false)).toBe(report);
});
