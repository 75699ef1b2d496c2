/** One column of an exported table. Its unit is in its name; CSV, Parquet and the lists of columns take it from here. */
export interface Column {
  readonly name: string;
  readonly type: ColumnType;
  /** SI or plain word; null: has none. */
  readonly unit: string | null;
  readonly meaning: string;
  /** What an empty cell means; null: never empty. */
  readonly whenEmpty: string | null;
}

/** `whole`: own counts and places, within 32 bits · `truth`: true or false. */
export type ColumnType = 'text' | 'number' | 'whole' | 'truth';

/** Null: empty. */
export type Cell = string | number | boolean | null;

/** Rows are read once, one at a time: a table may hold millions. */
export interface Table {
  /** What a row is: `trials`, `timeseries`, `tokens`. */
  readonly what: string;
  /** Null: rows of no run, as of `lmpower sample`. */
  readonly run: string | null;
  readonly columns: readonly Column[];
  readonly rows: () => Iterable<readonly Cell[]>;
}

/** Version of the lists of columns that are written beside CSV files and into Parquet files. */
const COLUMNS_SCHEMA_VERSION = 1;

const SIMULATED: Column = {
  name: 'simulated',
  type: 'truth',
  unit: null,
  meaning: 'true: the power, or the server too, was simulated; other runs do not have this column',
  whenEmpty: null,
};

/** Ids of runs stand first in every table. */
export const RUN_COLUMN: Column = {
  name: 'run',
  type: 'text',
  unit: null,
  meaning: 'id of the run',
  whenEmpty: null,
};

/** The same table; each row of a simulated run says so itself. */
export function labelledTable(table: Table, simulated: boolean): Table {
  if (!simulated) return table;
  return {
    ...table,
    columns: [...table.columns, SIMULATED],
    *rows() {
      for (const cells of table.rows()) yield [...cells, true];
    },
  };
}

/** What each column is: the file beside a CSV file. */
export function columnsText({ what, run, columns }: Table): string {
  const list = columns.map(({ name, type, unit, meaning, whenEmpty }) => ({
    name,
    type,
    unit,
    meaning,
    whenEmpty,
  }));
  return `${JSON.stringify({ schemaVersion: COLUMNS_SCHEMA_VERSION, what, run, columns: list }, null, 2)}\n`;
}
