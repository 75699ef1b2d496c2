import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { aligned, analyze } from '../../src/analyzer/analyze.ts';
import { csvLine } from '../../src/rendering/csv.ts';
import { timeseriesCsv } from '../../src/rendering/timeseries-csv.ts';
import { tokensCsv } from '../../src/rendering/tokens-csv.ts';
import { trialsCsv } from '../../src/rendering/trials-csv.ts';
import { plainSession } from '../support/plain-session.ts';

/** RFC 4180, for what csvLine writes. */
function cellsOf(line: string): string[] {
  return [...`${line.slice(0, -1)},`.matchAll(/("(?:[^"]|"")*"|[^,]*),/gy)]
    .map(([, cell]) => cell ?? '')
    .map((cell) => (cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell));
}

function tableOf(lines: Iterable<string>): Record<string, string>[] {
  const [head, ...rows] = [...lines].map(cellsOf);
  return rows.map((cells) => Object.fromEntries((head ?? []).map((name, i) => [name, cells[i] ?? ''])));
}

describe('csvLine', () => {
  test('null and what is not a finite number are empty, never 0', () => {
    expect(csvLine([null, Number.NaN, Number.POSITIVE_INFINITY, 0, 1.5e-7])).toBe(',,,0,1.5e-7\n');
  });

  test('quotes what holds a comma, a quote or a line break', () => {
    expect(csvLine(['a,b', 'say "no"', 'two\nlines'])).toBe('"a,b","say ""no""","two\nlines"\n');
  });

  test.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1'])(
    '%j is text to a spreadsheet, not a formula',
    (cell) => {
      expect(csvLine([cell]).replace(/^"/, '')).toMatch(/^'/);
    },
  );

  test('a negative number is a number', () => {
    expect(csvLine([-1])).toBe('-1\n');
  });

  test('any text comes back from its cell, but for the quote before a formula', () => {
    fc.assert(
      fc.property(fc.array(fc.string(), { minLength: 2, maxLength: 4 }), (cells) => {
        expect(cellsOf(csvLine(cells))).toEqual(
          cells.map((cell) => (/^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell)),
        );
      }),
    );
  });
});

describe('trialsCsv', () => {
  test('one line per trial and domain, in the words and units of the document', () => {
    const document = analyze(plainSession());
    const [row] = tableOf(trialsCsv(document));
    const energy = document.trials[0]?.energy[0];
    expect(Number(row?.['gross_J'])).toBe(energy?.gross_J);
    expect(Number(row?.['net_JPerTok'])).toBe(energy?.net_JPerTok);
    expect(row).toMatchObject({
      run: document.run.id,
      domain: 'soc',
      output_tok: '10',
      grade: 'A',
      codes: 'DOMAIN_PARTIAL',
    });
  });

  test('a trial without energy has one line with empty energy columns', () => {
    const rows = tableOf(trialsCsv(analyze(plainSession({ series: [] }))));
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({
      trial: '0',
      output_tok: '10',
      domain: '',
      gross_J: '',
      net_J: '',
      grade: '',
    });
  });
});

describe('tokensCsv', () => {
  test('has each delta as it arrived', () => {
    const document = analyze(plainSession());
    const rows = tableOf(tokensCsv(document));
    const tokens = document.trials[0]?.completion?.tokens ?? [];
    expect(rows.map((row) => Number(row['arrival_s']))).toEqual(tokens.map(({ arrival_s }) => arrival_s));
    expect(rows[9]).toMatchObject({ trial: '0', index: '9', count_tok: '1', sort: 'content' });
  });
});

describe('timeseriesCsv', () => {
  const recording = aligned(plainSession());
  const rows = tableOf(timeseriesCsv(recording));

  test('has every sample with all of its joules', () => {
    const series = recording.series[0];
    expect(rows).toHaveLength(series?.energy_J.length ?? 0);
    expect(rows.map((row) => Number(row['energy_J']))).toEqual([...(series?.energy_J ?? [])]);
    const power = rows.map(
      (row) => Number(row['energy_J']) / (Number(row['end_s']) - Number(row['start_s'])),
    );
    expect(rows.map((row) => Number(row['power_W']))).toEqual(power);
  });

  test('names the phase and trial that hold the middle of a sample, and none between phases', () => {
    const at = (t_s: number): Record<string, string> | undefined =>
      rows.find((row) => Number(row['start_s']) <= t_s && t_s < Number(row['end_s']));
    expect(at(5)).toMatchObject({ phase: 'baseline', trial: '0' });
    expect(at(18)).toMatchObject({ phase: 'inference', trial: '0' });
    expect(at(40)).toMatchObject({ phase: 'baseline', trial: '' });
    expect(at(48)).toMatchObject({ phase: '', trial: '' });
  });
});
