import { expect, test } from 'vitest';
import { labelledCsv, labelledReport } from '../../src/cli/simulated-label.ts';

const LINES = ['run,text\n', 'a,"two\nlines"\n', 'b,\n'];

test('CSV of a simulated run has one more column, which says so in every line', () => {
  expect([...labelledCsv(LINES, true)]).toEqual([
    'run,text,simulated\n',
    'a,"two\nlines",true\n',
    'b,,true\n',
  ]);
});

test('CSV of a real run is left as it is', () => {
  expect([...labelledCsv(LINES, false)]).toEqual(LINES);
});

test('a report of a simulated run begins by saying so; that of a real run is left as it is', () => {
  expect(JSON.stringify(labelledReport({ model: 'm' }, true))).toBe('{"simulated":true,"model":"m"}');
  const report = { model: 'm' };
  expect(labelledReport(report, false)).toBe(report);
});
