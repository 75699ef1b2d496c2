import { cutToWidth, displayWidth } from './display-width.ts';

/** One column of a terminal table: heading, cell text of each row, and on which side it is flush. */
export interface Column<Row> {
  readonly heading: string;
  readonly align: 'left' | 'right';
  readonly cell: (row: Row) => string;
  /** Columns with the highest number are dropped first where the terminal is too narrow. 0 is never dropped. */
  readonly expendable: number;
}

/** No column is cut below this. */
const LEAST_WIDTH = 4;
const GAP = 2;

/** Lines of a table that fits `width` columns: the least needed columns go first, then the widest column with text is cut. */
export function textTable<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  width: number,
): string[] {
  const kept = fitting(rows, columns, width);
  const widths = squeezed(
    kept.map((column) => ({ width: columnWidth(rows, column), isText: column.align === 'left' })),
    width,
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => pad(cell, widths[i] ?? 0, kept[i]?.align ?? 'left'))
      .join(' '.repeat(GAP))
      .trimEnd();
  return [
    line(kept.map((column) => column.heading)),
    ...rows.map((row) => line(kept.map((column) => safeText(column.cell(row))))),
  ];
}

/** Control characters made visible, so that no model name or prompt can move the cursor or recolour the screen. */
export function safeText(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, (character) => {
    const code = character.charCodeAt(0);
    return code < 0x20 ? String.fromCharCode(0x2400 + code) : '\ufffd';
  });
}

function fitting<Row>(rows: readonly Row[], columns: readonly Column<Row>[], width: number): Column<Row>[] {
  const kept = [...columns];
  while (tableWidth(kept.map((column) => columnWidth(rows, column))) > width) {
    const most = Math.max(...kept.map((column) => column.expendable));
    if (most === 0) break;
    kept.splice(
      kept.findLastIndex((column) => column.expendable === most),
      1,
    );
  }
  return kept;
}

/** Widths that fit, taken off the widest column of text again and again: numbers are never cut. */
function squeezed(
  columns: readonly { readonly width: number; readonly isText: boolean }[],
  width: number,
): number[] {
  const widths = columns.map((column) => column.width);
  for (let excess = tableWidth(widths) - width; excess > 0; excess--) {
    const texts = columns.flatMap(({ isText }, i) => (isText ? [widths[i] ?? 0] : []));
    const widest = Math.max(...texts);
    if (widest <= LEAST_WIDTH) break;
    widths[columns.findIndex(({ isText }, i) => isText && widths[i] === widest)] = widest - 1;
  }
  return widths;
}

function tableWidth(widths: readonly number[]): number {
  return widths.reduce((sum, width) => sum + width + GAP, -GAP);
}

function columnWidth<Row>(rows: readonly Row[], column: Column<Row>): number {
  return rows.reduce(
    (most, row) => Math.max(most, displayWidth(safeText(column.cell(row)))),
    displayWidth(column.heading),
  );
}

function pad(text: string, width: number, align: 'left' | 'right'): string {
  const cut = cutToWidth(text, width);
  const blank = ' '.repeat(Math.max(0, width - displayWidth(cut)));
  return align === 'left' ? cut + blank : blank + cut;
}
