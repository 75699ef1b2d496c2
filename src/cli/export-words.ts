/** Words of `lmpower export`. */
export const EXPORT_FORMATS = [
  'csv',
  'json',
  'jsonl',
  'parquet',
  'classic-json',
  'md',
  'openmetrics',
  'otlp',
] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** What a row of an exported table is. */
export const ROW_SUBJECTS = ['trials', 'timeseries', 'tokens'] as const;
export type RowSubject = (typeof ROW_SUBJECTS)[number];

/** `tidy`: one reading a row · `wide`: one window a row, two columns per domain. */
export const ROW_SHAPES = ['tidy', 'wide'] as const;
export type RowShape = (typeof ROW_SHAPES)[number];
