import type PDFDocument from 'pdfkit';
import { LIGHT_PALETTE } from '../../reports/theme.ts';

export interface PdfColumn {
  readonly heading: string;
  /** Of the width between the margins; all together 1. */
  readonly part: number;
  readonly isNumber: boolean;
}

const SIZE_PT = 7.5;
const PAD_PT = 3.5;

/** Rows under a heading that is repeated on each new page; no row is split. */
export function pdfTable(
  pdf: InstanceType<typeof PDFDocument>,
  columns: readonly PdfColumn[],
  rows: readonly (readonly string[])[],
): void {
  const { left, right, top, bottom } = pdf.page.margins;
  const width = pdf.page.width - left - right;
  let y = pdf.y;

  const line = (cells: readonly string[], font: 'regular' | 'bold'): void => {
    pdf.font(font).fontSize(SIZE_PT);
    const heights = columns.map(({ part }, i) =>
      pdf.heightOfString(cells[i] ?? '', { width: part * width - 2 * PAD_PT }),
    );
    const height = Math.max(...heights) + 2 * PAD_PT;
    if (y + height > pdf.page.height - bottom) {
      pdf.addPage();
      y = top;
      if (font === 'regular') head();
      pdf.font(font).fontSize(SIZE_PT);
    }
    let x = left;
    for (const [i, { part, isNumber }] of columns.entries()) {
      pdf.fillColor(LIGHT_PALETTE[font === 'bold' ? '--muted' : '--ink'] ?? 'black');
      pdf.text(cells[i] ?? '', x + PAD_PT, y + PAD_PT, {
        width: part * width - 2 * PAD_PT,
        align: isNumber ? 'right' : 'left',
      });
      x += part * width;
    }
    y += height;
    pdf
      .moveTo(left, y)
      .lineTo(left + width, y)
      .lineWidth(0.4)
      .strokeColor(LIGHT_PALETTE['--grid'] ?? 'gray')
      .stroke();
  };
  const head = (): void =>
    line(
      columns.map((column) => column.heading),
      'bold',
    );

  head();
  for (const row of rows) line(row, 'regular');
  pdf.x = left;
  pdf.y = y + SIZE_PT;
}
