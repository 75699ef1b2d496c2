import type { Report, ReportRows, VegaLiteSpec } from '../../reports/report.ts';
import { LIGHT_PALETTE } from '../../reports/theme.ts';
import { drawChart, withPalette } from './chart.ts';
import { fontFiles, SHIPPED_FONT } from './font-files.ts';
import { provenance } from './provenance.ts';
import { wrapped } from './text-width.ts';

const SUBTITLE_PX = 11;
const LINE_PX = 700;
const PADDING_PX = 22;
/** Pixels of a PNG per pixel of the drawing. */
const ZOOM = 2;

/** A chart that stands alone: question, caption, run, scope and SIMULATED go with it. Null where the rows hold no answer. */
export async function chartSvg(report: Report, rows: ReportRows): Promise<string | null> {
  const spec = report.build(rows);
  if (spec === null) return null;
  const { svg } = await drawChart(titled(spec, report, rows), {
    id: report.id,
    font: `${SHIPPED_FONT}, system-ui, sans-serif`,
  });
  return withPalette(svg);
}

/** The same picture as PNG, 2 pixels a unit. @throws {LmpowerError} BUG where the shipped font is missing */
export async function chartPng(svg: string): Promise<Uint8Array> {
  const [{ Resvg }, fonts] = await Promise.all([import('@resvg/resvg-js'), fontFiles()]);
  const image = new Resvg(svg, {
    fitTo: { mode: 'zoom', value: ZOOM },
    font: {
      fontFiles: [fonts.regular, fonts.bold],
      loadSystemFonts: needsSystemFonts(svg),
      defaultFontFamily: SHIPPED_FONT,
    },
  });
  return image.render().asPng();
}

function titled(spec: VegaLiteSpec, report: Report, rows: ReportRows): VegaLiteSpec {
  const note = report.note?.(rows) ?? null;
  const caption = note === null ? report.caption : `${report.caption} ${note}`;
  return {
    ...spec,
    background: LIGHT_PALETTE['--paper'],
    padding: PADDING_PX,
    title: {
      text: report.question,
      subtitle: [
        ...wrapped(caption, SUBTITLE_PX, LINE_PX),
        ...wrapped(provenance(rows.documents), SUBTITLE_PX, LINE_PX),
      ],
    },
  };
}

/** Inter has Latin, Greek and Cyrillic; other scripts and emoji come from whatever the system has. */
function needsSystemFonts(svg: string): boolean {
  return /[^\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{Script=Common}\p{Script=Inherited}]|\p{Extended_Pictographic}/u.test(
    svg,
  );
}
