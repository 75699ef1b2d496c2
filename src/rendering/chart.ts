import type { VegaLiteSpec } from '../../reports/report.ts';
import { FONT, LIGHT_PALETTE } from '../../reports/theme.ts';
import { leanSvg } from './lean-svg.ts';
import { withoutControls } from './markup.ts';
import { textWidth_px } from './text-width.ts';

export interface Chart {
  /** The Vega spec that the page hands to the runtime. */
  readonly vegaSpec: object;
  /** The same chart drawn, colours as CSS variables. */
  readonly svg: string;
}

export interface DrawOptions {
  /** Keeps the drawing's inner names apart from those of others on the page. */
  readonly id?: string;
  readonly font?: string;
}

/** Compiles and draws one Vega-Lite spec without a browser; expressions are interpreted, never evaluated as code. */
export async function drawChart(
  spec: VegaLiteSpec,
  { id = 'chart', font = FONT }: DrawOptions = {},
): Promise<Chart> {
  const [vega, vegaLite, { expressionInterpreter }] = await Promise.all([
    import('vega'),
    import('vega-lite'),
    import('vega-interpreter'),
  ]);
  measureWithoutCanvas(vega);
  const { spec: vegaSpec } = vegaLite.compile(
    printable(spec) as unknown as Parameters<typeof vegaLite.compile>[0],
    { config: { font }, logger: SILENT },
  );
  const runtime = vega.parse(vegaSpec, undefined, { ast: true });
  const view = new vega.View(runtime, {
    renderer: 'none',
    logLevel: vega.Error,
    expr: expressionInterpreter,
  });
  const svg = await view.toSVG();
  view.finalize();
  return { vegaSpec, svg: leanSvg(withOwnNames(withoutControls(svg), id)) };
}

/** A copy whose texts neither command a terminal nor turn the direction of what follows. */
function printable(spec: VegaLiteSpec): unknown {
  return JSON.parse(
    JSON.stringify(spec, (_key, value: unknown) =>
      typeof value === 'string' ? withoutControls(value) : value,
    ),
  );
}

/** Vega counts clip paths over the life of the process: the same chart would differ from page to page. */
function withOwnNames(svg: string, id: string): string {
  const names = [...new Set([...svg.matchAll(/ id="([^"]+)"/g)].map(([, name]) => name ?? ''))];
  return svg.replace(/( id="|url\(#)([^")]+)/g, (whole, before: string, name: string) => {
    const index = names.indexOf(name);
    return index < 0 ? whole : `${before}${id}-part-${index}`;
  });
}

/** Vega-Lite would write its remarks to the console; tests look at what it makes instead. */
const SILENT = {
  level: () => SILENT,
  error: () => SILENT,
  warn: () => SILENT,
  info: () => SILENT,
  debug: () => SILENT,
} as const;

/** Without a canvas Vega guesses 0.8 em a letter, which leaves wide holes beside axes. */
function measureWithoutCanvas(vega: object): void {
  const metrics: unknown = Reflect.get(vega, 'textMetrics');
  if (typeof metrics !== 'object' || metrics === null) return;
  Reflect.set(metrics, 'width', (item: { readonly fontSize?: number }, text: unknown): number =>
    textWidth_px(String(text ?? ''), item.fontSize ?? 11),
  );
}

/** Puts literal colours in place of CSS variables, for files that no page styles. */
export function withPalette(svg: string, palette: Readonly<Record<string, string>> = LIGHT_PALETTE): string {
  return svg.replace(/var\((--[\w-]+)\)/g, (variable, name: string) => palette[name] ?? variable);
}
