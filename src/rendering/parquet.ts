import type { BasicType, ByteWriter, ColumnSource } from 'hyparquet-writer';
import type { Cell, Column, ColumnType, Table } from './columns.ts';
import { columnsText } from './columns.ts';

const TYPES: Readonly<Record<ColumnType, BasicType>> = {
  text: 'STRING',
  number: 'DOUBLE',
  whole: 'INT32',
  truth: 'BOOLEAN',
};

/** So many rows are held at a time, and can be skipped at a time by who reads them. */
const GROUP_ROWS = 65_536;

/**
 * A table as the bytes of a Parquet file, part by part: only one group of rows is ever held. What each column is stands
 * in the file's metadata, `lmpower.columns`. Source: the Apache Parquet format, by hyparquet-writer.
 */
export async function parquetOf(table: Table): Promise<Iterable<Uint8Array>> {
  const { ByteWriter, ParquetWriter, schemaFromColumnData } = await import('hyparquet-writer');
  return parts();

  function* parts(): Generator<Uint8Array> {
    const writer = new ByteWriter();
    const file = new ParquetWriter({
      writer,
      schema: schemaFromColumnData({ columnData: sourcesOf(table.columns, []) }),
      createdBy: 'lmpower',
      kvMetadata: [{ key: 'lmpower.columns', value: columnsText(table) }],
    });
    // Into memory, so that there is nothing to wait for: `void` where the library would give a promise for a file.
    for (const rows of groups(table.rows())) {
      void file.write({ columnData: sourcesOf(table.columns, rows), rowGroupSize: GROUP_ROWS });
      yield taken(writer);
    }
    void file.finish();
    yield taken(writer);
  }
}

function* groups(rows: Iterable<readonly Cell[]>): Generator<readonly (readonly Cell[])[]> {
  let group: (readonly Cell[])[] = [];
  for (const row of rows) {
    if (group.push(row) < GROUP_ROWS) continue;
    yield group;
    group = [];
  }
  if (group.length > 0) yield group;
}

function sourcesOf(columns: readonly Column[], rows: readonly (readonly Cell[])[]): ColumnSource[] {
  return columns.map(({ name, type, whenEmpty }, place) => ({
    name,
    type: TYPES[type],
    nullable: whenEmpty !== null || type === 'number',
    data: rows.map((cells) => known(cells[place] ?? null)),
  }));
}

/** No cell says NaN: what is not known is null, as it is empty in a CSV file. */
function known(cell: Cell): Cell {
  return typeof cell === 'number' && !Number.isFinite(cell) ? null : cell;
}

/** What was written since, out of the writer; its count of bytes, which the file's places are from, goes on. */
function taken(writer: ByteWriter): Uint8Array {
  const bytes = writer.getBytes().slice();
  writer.index = 0;
  return bytes;
}
