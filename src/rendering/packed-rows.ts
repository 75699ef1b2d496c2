type Row = Readonly<Record<string, unknown>>;

/** Rows with their names once. The page's script makes rows of them again. */
export interface PackedRows {
  readonly columns: readonly string[];
  readonly cells: readonly (readonly unknown[])[];
}

/** A Vega spec whose inline data sets are packed where all rows have the same columns. */
export function withPackedRows(spec: object): object {
  const data: unknown = Reflect.get(spec, 'data');
  return Array.isArray(data) ? { ...spec, data: data.map(packedSet) } : spec;
}

function packedSet(set: unknown): unknown {
  if (typeof set !== 'object' || set === null || !('values' in set) || !Array.isArray(set.values)) return set;
  const packed = packedRows(set.values);
  if (packed === null) return set;
  const { values: _rows, ...rest } = set;
  return { ...rest, packed };
}

function packedRows(values: readonly unknown[]): PackedRows | null {
  const rows = values.filter(isRow);
  const columns = Object.keys(rows[0] ?? {});
  const areAlike = rows.every((row) => Object.keys(row).join() === columns.join());
  if (rows.length < 2 || rows.length < values.length || !areAlike) return null;
  return { columns, cells: rows.map((row) => columns.map((column) => row[column])) };
}

function isRow(value: unknown): value is Row {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
