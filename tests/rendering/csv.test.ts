import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { aligned, analyze } from '../../src/analyzer/analyze.ts';
import { columnsText, labelledTable, type Table } from '../../src/rendering/columns.ts';
import { csvLine, csvOf } from '../../src/rendering/csv.ts';
import { samplesTable } from '../../src/rendering/samples-table.ts';
import { timeseriesTable } from '../../src/rendering/timeseries-table.ts';
import { wideTimeseriesTable } from '../../src/rendering/timeseries-wide.ts';
import { tokensTable } from '../../src/rendering/tokens-table.ts';
import { trialsTable } from '../../src/rendering/trials-table.ts';
import { measuredRecording } from '../support/documents.ts';
import { plainSession } from '../support/plain-session.ts';

/** RFC 4180, for what csvLine writes. */
function cellsOf(line: string): string[] {
  return [...`${line.slice(0, -1)},`.matchAll(/("(?:[^"]|"")*"|[^,]*),/gy)]
    .map(([, cell]) => cell ?? '')
    .map((cell) => (cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell));
}

function tableOf(table: Table): Record<string, string>[] {
  const [head, ...rows] = [...csvOf(table)].map(cellsOf);
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

describe('trialsTable', () => {
  test('one line per trial and domain, in the words and units of the document', () => {
    const document = analyze(plainSession());
    const [row] = tableOf(trialsTable(document));
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
    const rows = tableOf(trialsTable(analyze(plainSession({ series: [] }))));
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

describe('tokensTable', () => {
  test('has each delta as it arrived', () => {
    const document = analyze(plainSession());
    const rows = tableOf(tokensTable(document));
    const tokens = document.trials[0]?.completion?.tokens ?? [];
    expect(rows.map((row) => Number(row['arrival_s']))).toEqual(tokens.map(({ arrival_s }) => arrival_s));
    expect(rows[9]).toMatchObject({ trial: '0', index: '9', count_tok: '1', sort: 'content' });
  });
});

describe('timeseriesTable', () => {
  const recording = aligned(plainSession());
  const rows = tableOf(timeseriesTable(recording));

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

describe('wideTimeseriesTable', () => {
  const recording = aligned(measuredRecording());
  const tidy = tableOf(timeseriesTable(recording));
  const wide = tableOf(wideTimeseriesTable(recording));

  test('puts domains that were read together on one row, with every joule of the tidy one', () => {
    const windows = new Set(tidy.map((row) => `${row['start_s']} ${row['end_s']}`));
    expect(wide).toHaveLength(windows.size);
    for (const domain of ['soc', 'cpu']) {
      const own = tidy.filter((row) => row['domain'] === domain);
      expect(wide.map((row) => row[`${domain}_energy_J`])).toEqual(own.map((row) => row['energy_J']));
      expect(wide.map((row) => row[`${domain}_power_W`])).toEqual(own.map((row) => row['power_W']));
      expect(wide.map((row) => row['phase'])).toEqual(own.map((row) => row['phase']));
    }
  });

  test('leaves cells empty where a domain was read over other windows, and resamples nothing', () => {
    const [soc, cpu] = recording.series;
    if (soc === undefined || cpu === undefined) throw new Error('two series are expected');
    const shifted = {
      ...cpu,
      start_s: cpu.start_s.map((s) => s + 0.1),
      end_s: cpu.end_s.map((s) => s + 0.1),
    };
    const rows = tableOf(wideTimeseriesTable({ ...recording, series: [soc, shifted] }));
    expect(rows).toHaveLength(soc.end_s.length + cpu.end_s.length);
    for (const row of rows)
      expect([row['soc_energy_J'], row['cpu_energy_J']].filter(Boolean)).toHaveLength(1);
    const ends = rows.map((row) => Number(row['end_s']));
    expect(ends).toEqual([...ends].sort((a, b) => a - b));
  });
});

describe('columns', () => {
  const recording = aligned(measuredRecording());
  const document = analyze(recording);
  const tables: readonly (readonly [string, Table])[] = [
    ['trials', trialsTable(document)],
    ['tokens', tokensTable(document)],
    ['timeseries', timeseriesTable(recording)],
    ['timeseries wide', wideTimeseriesTable(recording)],
    ['samples', samplesTable([])],
  ];

  test.each(tables)('of %s say name, unit, meaning and what an empty cell means', (what, table) => {
    const list = JSON.parse(columnsText(table));
    expect(list).toMatchObject({ schemaVersion: 1, what });
    const head = [...csvOf(table)][0] ?? '';
    expect(list.columns.map(({ name }: { name: string }) => name)).toEqual(cellsOf(head));
    for (const { meaning, name, unit, whenEmpty } of table.columns) {
      expect(meaning.length).toBeGreaterThan(5);
      expect(whenEmpty).not.toBe('');
      expect(unit).toBe(unitInName(name) ?? unit);
    }
  });

  test.each(tables)('of %s that are never empty are never empty', (_what, table) => {
    const full = table.columns.filter(({ whenEmpty }) => whenEmpty === null).map(({ name }) => name);
    for (const row of tableOf(table)) for (const name of full) expect(row[name]).not.toBe('');
  });

  test('of a simulated run end in one that says so on each row', () => {
    const table = labelledTable(trialsTable(document), true);
    expect(table.columns.at(-1)?.name).toBe('simulated');
    for (const row of tableOf(table)) expect(row['simulated']).toBe('true');
    expect(labelledTable(trialsTable(document), false).columns).toHaveLength(table.columns.length - 1);
  });
});

/** The unit that a column's name ends in. */
function unitInName(name: string): string | undefined {
  const units: Record<string, string> = { _J: 'J', _W: 'W', _s: 's', _tok: 'tokens', _JPerTok: 'J/token' };
  const ending = Object.keys(units).find((one) => name.endsWith(one));
  return ending === undefined ? undefined : units[ending];
}
