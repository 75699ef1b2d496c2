/** One column of a terminal table: heading, cell text of each row, and on which side it is flush. */
export interface Column<Row> {
  readonly heading: string;
  readonly align: 'left' | 'right';
  readonly cell: (row: Row) => string;
  /** Columns with the highest number are dropped first where the terminal is too narrow. 0 is never dropped. */
  readonly expendable: number;
}

/** Lines of a table that fits `width` columns: the least needed columns go first, then the first column is cut. */
export function textTable<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  width: number,
): string[] {
  const kept = fitting(rows, columns, width);
  const widths = kept.map((column) => columnWidth(rows, column));
  const spare = width - widths.reduce((sum, w) => sum + w + 2, -2);
  if (spare < 0 && widths[0] !== undefined) widths[0] = Math.max(4, widths[0] + spare);
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => pad(cell, widths[i] ?? 0, kept[i]?.align ?? 'left'))
      .join('  ')
      .trimEnd();
  return [
    line(kept.map((column) => column.heading)),
    ...rows.map((row) => line(kept.map((column) => safeText(column.cell(row))))),
  ];
}

/** Control characters made visible, so that no model name or prompt can move the cursor or recolour the screen. */
export function safeText(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, (character) => {
    const code = character.charCodeAt(0);
    return code < 0x20 ? String.fromCharCode(0x2400 + code) : '\ufffd';
  });
}

function fitting<Row>(rows: readonly Row[], columns: readonly Column<Row>[], width: number): Column<Row>[] {
  const kept = [...columns];
  const needed = (): number => kept.reduce((sum, column) => sum + columnWidth(rows, column) + 2, -2);
  while (needed() > width) {
    const most = Math.max(...kept.map((column) => column.expendable));
    if (most === 0) break;
    kept.splice(
      kept.findLastIndex((column) => column.expendable === most),
      1,
    );
  }
  return kept;
}

function columnWidth<Row>(rows: readonly Row[], column: Column<Row>): number {
  return Math.max(column.heading.length, ...rows.map((row) => [...safeText(column.cell(row))].length));
}

function pad(text: string, width: number, align: 'left' | 'right'): string {
  const characters = [...text];
  const cut = characters.length > width ? `${characters.slice(0, Math.max(0, width - 1)).join('')}…` : text;
  const blank = ' '.repeat(Math.max(0, width - [...cut].length));
  return align === 'left' ? cut + blank : blank + cut;
}
