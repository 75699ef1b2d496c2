import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { describe, expect, test } from 'vitest';
import { aligned, analyze } from '../../src/analyzer/analyze.ts';
import { columnsText, labelledTable, type Table } from '../../src/rendering/columns.ts';
import { parquetOf } from '../../src/rendering/parquet.ts';
import { timeseriesTable } from '../../src/rendering/timeseries-table.ts';
import { wideTimeseriesTable } from '../../src/rendering/timeseries-wide.ts';
import { tokensTable } from '../../src/rendering/tokens-table.ts';
import { trialsTable } from '../../src/rendering/trials-table.ts';
import { measuredRecording } from '../support/documents.ts';
import { plainSession } from '../support/plain-session.ts';

async function fileOf(table: Table): Promise<ArrayBuffer> {
  const bytes = Buffer.concat([...(await parquetOf(table))]);
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
}

/** Rows as a CSV file has them, but for types: what is not a finite number is null. */
function rowsOf({ columns, rows }: Table): Record<string, unknown>[] {
  return [...rows()].map((cells) =>
    Object.fromEntries(
      columns.map(({ name }, place) => {
        const cell = cells[place] ?? null;
        return [name, typeof cell === 'number' && !Number.isFinite(cell) ? null : cell];
      }),
    ),
  );
}

const recording = aligned(measuredRecording());
const document = analyze(recording);
const tables: readonly (readonly [string, Table])[] = [
  ['trials', trialsTable(document)],
  ['trials without energy', trialsTable(analyze(plainSession({ series: [] })))],
  ['tokens', tokensTable(document)],
  ['timeseries', timeseriesTable(recording)],
  ['timeseries wide', wideTimeseriesTable(recording)],
  ['simulated trials', labelledTable(trialsTable(document), true)],
];

describe('parquetOf', () => {
  test.each(tables)('%s come back as the CSV file has them', async (_what, table) => {
    const file = await fileOf(table);
    expect(await parquetReadObjects({ file })).toEqual(rowsOf(table));
  });

  test('says in its metadata what each column is', async () => {
    const table = trialsTable(document);
    const { key_value_metadata, schema } = parquetMetadata(await fileOf(table));
    expect(key_value_metadata).toEqual([{ key: 'lmpower.columns', value: columnsText(table) }]);
    expect(schema.slice(1).map(({ name }) => name)).toEqual(table.columns.map(({ name }) => name));
  });

  test('of no rows still has its columns', async () => {
    const table = { ...tokensTable(document), rows: () => [] };
    const file = await fileOf(table);
    expect(await parquetReadObjects({ file })).toEqual([]);
    expect(parquetMetadata(file).schema).toHaveLength(table.columns.length + 1);
  });

  test('of more rows than a group holds gives them part by part, none lost', async () => {
    const count = 150_000;
    const table: Table = {
      what: 'numbers',
      run: null,
      columns: [{ name: 'value_W', type: 'number', unit: 'W', meaning: 'a number', whenEmpty: 'none' }],
      *rows() {
        for (let i = 0; i < count; i++) yield [i % 7 === 0 ? null : i / 3];
      },
    };
    expect([...(await parquetOf(table))].length).toBeGreaterThan(2);
    const rows = await parquetReadObjects({ file: await fileOf(table) });
    expect(rows).toHaveLength(count);
    expect(rows.at(-1)).toEqual({ value_W: (count - 1) % 7 === 0 ? null : (count - 1) / 3 });
    expect(rows.filter((row) => row['value_W'] === null)).toHaveLength(Math.ceil(count / 7));
  });
});
