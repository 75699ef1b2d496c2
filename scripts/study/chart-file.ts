import { LIGHT_PALETTE, THEME_CONFIG } from '../../reports/theme.ts';
import { drawChart, withPalette } from '../../src/rendering/chart.ts';
import { wrapped } from '../../src/rendering/text-width.ts';
import type { StudyChart } from './page.ts';

const SUBTITLE_PX = 11;
const LINE_PX = 620;
const PADDING_PX = 18;

/** The chart as an SVG file that stands alone. */
export async function chartFile({ title, subtitle, spec }: StudyChart): Promise<string> {
  const { svg } = await drawChart({
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    ...spec,
    title: { text: title, subtitle: wrapped(subtitle, SUBTITLE_PX, LINE_PX) },
    config: { ...THEME_CONFIG, title: { ...THEME_CONFIG.title, fontSize: 14 } },
    background: LIGHT_PALETTE['--paper'],
    padding: PADDING_PX,
  });
  return `${withPalette(svg)}\n`;
}
