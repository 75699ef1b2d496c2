import type { Cell, Table } from './columns.ts';

/** A table as CSV lines, the names of its columns first. */
export function* csvOf({ columns, rows }: Table): Generator<string> {
  yield csvLine(columns.map(({ name }) => name));
  for (const cells of rows()) yield csvLine(cells);
}

/** One CSV line, RFC 4180 quoting; null is empty. Text that a spreadsheet would run as a formula gets a leading quote. */
export function csvLine(cells: readonly Cell[]): string {
  return `${cells.map(cellText).join(',')}\n`;
}

function cellText(cell: Cell): string {
  if (cell === null) return '';
  if (typeof cell === 'number') return Number.isFinite(cell) ? String(cell) : '';
  if (typeof cell === 'boolean') return String(cell);
  const inert = /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
  return /[",\n\r]/.test(inert) ? `"${inert.replaceAll('"', '""')}"` : inert;
}
