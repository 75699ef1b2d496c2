import type PDFDocument from 'pdfkit';
import { configurations, shortName } from '../../reports/configuration.ts';
import { REPORTS } from '../../reports/index.ts';
import type { ReportRows } from '../../reports/report.ts';
import { LIGHT_PALETTE } from '../../reports/theme.ts';
import { CODES, sortCodes } from '../core/codes.ts';
import type { Comparison } from '../core/comparison.ts';
import { significant } from '../core/number-text.ts';
import type { RunDocument } from '../core/result.ts';
import { answerOf } from './answer.ts';
import { chartSvg } from './chart-file.ts';
import { fontFiles } from './font-files.ts';
import { withoutControls } from './markup.ts';
import { changeText } from './page-compared.ts';
import { type PdfColumn, pdfTable } from './pdf-table.ts';
import { provenance } from './provenance.ts';

type Pdf = InstanceType<typeof PDFDocument>;
type DrawSvg = (svg: string, box: { x: number; y: number; width: number; height: number }) => void;

/** Space between two charts of a page. */
const GAP_PT = 18;
const INK = LIGHT_PALETTE['--ink'] ?? 'black';
const MUTED = LIGHT_PALETTE['--muted'] ?? 'gray';

/** The page's answer, tables and charts as A4 pages, without a browser. @throws {LmpowerError} BUG where the shipped font is missing */
export async function pdfReport(rows: ReportRows): Promise<Uint8Array> {
  const [{ default: Document }, { default: svgToPdf }, fonts] = await Promise.all([
    import('pdfkit'),
    import('svg-to-pdfkit'),
    fontFiles(),
  ]);
  const pdf = new Document({
    size: 'A4',
    margin: 42,
    bufferPages: true,
    info: { Title: 'lmpower report', Producer: 'lmpower', Creator: 'lmpower' },
  });
  pdf.registerFont('regular', fonts.regular);
  pdf.registerFont('bold', fonts.bold);
  firstPage(pdf, rows.documents);
  comparedTable(pdf, rows.comparisons);
  await chartPages(pdf, rows, (svg, { x, y, width, height }) => {
    svgToPdf(pdf, svg, x, y, {
      width,
      height,
      fontCallback: (_family, isBold) => (isBold ? 'bold' : 'regular'),
    });
  });
  doubtsPage(pdf, rows.documents);
  footers(pdf, provenance(rows.documents));
  return finished(pdf);
}

async function finished(pdf: Pdf): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  pdf.on('data', (chunk: Uint8Array) => chunks.push(chunk));
  const ended = new Promise((resolve, reject) => pdf.once('end', resolve).once('error', reject));
  pdf.end();
  await ended;
  return Buffer.concat(chunks);
}

function firstPage(pdf: Pdf, documents: readonly RunDocument[]): void {
  const { sentence, sureness } = answerOf(documents);
  pdf.font('regular').fontSize(9).fillColor(MUTED).text('lmpower · energy per token');
  if (documents.some((document) => document.simulated === true)) {
    pdf
      .moveDown(0.6)
      .font('bold')
      .fillColor(LIGHT_PALETTE['--hue-2'] ?? INK);
    pdf.text('SIMULATED: these numbers come from a simulation, not from a real machine.');
  }
  pdf.moveDown(0.8).font('bold').fontSize(19).fillColor(INK).text(printable(sentence));
  pdf
    .moveDown(0.4)
    .font('regular')
    .fontSize(9)
    .fillColor(MUTED)
    .text(printable(sureness.join(' ')));
  pdf.moveDown(1.2);
  heading(pdf, 'Ranking');
  pdfTable(
    pdf,
    RANKING,
    configurations(documents).map(({ label, summary }) => {
      const { ci95 } = summary.net_JPerTok;
      return [
        printable(label),
        significant(summary.net_JPerTok.value),
        ci95 === null ? '–' : `${significant(ci95[0])} to ${significant(ci95[1])}`,
        significant(summary.gross_JPerTok.value),
        significant(summary.tokPerS.value),
        significant(summary.tokPerSPerW.value),
        String(summary.n),
        summary.grade,
      ];
    }),
  );
}

function comparedTable(pdf: Pdf, comparisons: readonly Comparison[]): void {
  const [first] = comparisons;
  if (first === undefined) return;
  heading(pdf, `Against run ${first.reference.run}`);
  pdfTable(
    pdf,
    COMPARED,
    comparisons.map(({ candidate, change, ci95, reference, verdict }) => [
      printable(shortName(candidate.model)),
      significant(reference.value_JPerTok),
      significant(candidate.value_JPerTok),
      changeText(change),
      ci95 === null ? '–' : `${changeText(ci95[0])} to ${changeText(ci95[1])}`,
      verdict,
    ]),
  );
}

const COMPARED: readonly PdfColumn[] = [
  { heading: 'model', part: 0.31, isNumber: false },
  { heading: 'J/token before', part: 0.13, isNumber: true },
  { heading: 'J/token now', part: 0.12, isNumber: true },
  { heading: 'change', part: 0.1, isNumber: true },
  { heading: '95 % interval', part: 0.19, isNumber: true },
  { heading: 'verdict', part: 0.15, isNumber: false },
];

const RANKING: readonly PdfColumn[] = [
  { heading: 'model', part: 0.31, isNumber: false },
  { heading: 'net J/token', part: 0.12, isNumber: true },
  { heading: '95 % interval', part: 0.16, isNumber: true },
  { heading: 'gross J/token', part: 0.13, isNumber: true },
  { heading: 'tok/s', part: 0.08, isNumber: true },
  { heading: 'tok/s/W', part: 0.08, isNumber: true },
  { heading: 'n', part: 0.04, isNumber: true },
  { heading: 'grade', part: 0.08, isNumber: true },
];

const DOUBTS: readonly PdfColumn[] = [
  { heading: 'code', part: 0.24, isNumber: false },
  { heading: 'severity', part: 0.1, isNumber: false },
  { heading: 'what it says', part: 0.34, isNumber: false },
  { heading: 'what to do', part: 0.32, isNumber: false },
];

async function chartPages(pdf: Pdf, rows: ReportRows, draw: DrawSvg): Promise<void> {
  const { left, right, top, bottom } = pdf.page.margins;
  const width = pdf.page.width - left - right;
  const tallest = pdf.page.height - top - bottom;
  let y = pdf.y + GAP_PT;
  for (const report of REPORTS) {
    const svg = await chartSvg(report, rows);
    if (svg === null) continue;
    const size = sizeOf(svg);
    const scale = Math.min(width / size.width, tallest / size.height);
    const height = size.height * scale;
    if (y + height > top + tallest) {
      pdf.addPage();
      y = top;
    }
    draw(svg, { x: left, y, width: size.width * scale, height });
    y += height + GAP_PT;
  }
}

/** Of the drawing's own box. */
function sizeOf(svg: string): { width: number; height: number } {
  const [, width, height] = /viewBox="0 0 ([\d.]+) ([\d.]+)"/.exec(svg) ?? [];
  return { width: Number(width ?? 1), height: Number(height ?? 1) };
}

function doubtsPage(pdf: Pdf, documents: readonly RunDocument[]): void {
  const codes = sortCodes(
    new Set(documents.flatMap((document) => document.warnings.map((warning) => warning.code))),
  );
  if (codes.length === 0) return;
  pdf.addPage();
  heading(pdf, 'What to keep in mind');
  pdfTable(
    pdf,
    DOUBTS,
    codes.map((code) => [code, CODES[code].severity, CODES[code].message, CODES[code].remedy]),
  );
}

function heading(pdf: Pdf, text: string): void {
  pdf.font('bold').fontSize(12).fillColor(INK).text(text, pdf.page.margins.left);
  pdf.moveDown(0.4);
}

function footers(pdf: Pdf, text: string): void {
  const { start, count } = pdf.bufferedPageRange();
  for (let i = 0; i < count; i++) {
    pdf.switchToPage(start + i);
    const { left, right } = pdf.page.margins;
    const width = pdf.page.width - left - right;
    // Below the margin: pdfkit would start a new page for it.
    pdf.page.margins.bottom = 0;
    pdf.font('regular').fontSize(7).fillColor(MUTED);
    pdf.text(printable(text), left, pdf.page.height - 28, { width: width - 60, height: 9, ellipsis: true });
    pdf.text(`${i + 1} of ${count}`, left, pdf.page.height - 28, { width, align: 'right', lineBreak: false });
  }
}

function printable(text: string): string {
  return withoutControls(text).replace(/[\t\r\n]+/g, ' ');
}
