import type { VegaLiteSpec } from '../../reports/report.ts';
import { LIGHT_PALETTE } from '../../reports/theme.ts';

export interface Chart {
  /** The Vega spec that the page hands to the runtime. */
  readonly vegaSpec: object;
  /** The same chart drawn, colours as CSS variables. */
  readonly svg: string;
}

/** Compiles and draws one Vega-Lite spec without a browser; expressions are interpreted, never evaluated as code. */
export async function drawChart(spec: VegaLiteSpec): Promise<Chart> {
  const [vega, vegaLite, { expressionInterpreter }] = await Promise.all([
    import('vega'),
    import('vega-lite'),
    import('vega-interpreter'),
  ]);
  const { spec: vegaSpec } = vegaLite.compile(
    structuredClone(spec) as unknown as Parameters<typeof vegaLite.compile>[0],
  );
  const runtime = vega.parse(vegaSpec, undefined, { ast: true });
  const view = new vega.View(runtime, {
    renderer: 'none',
    logLevel: vega.Error,
    expr: expressionInterpreter,
  });
  const svg = await view.toSVG();
  view.finalize();
  return { vegaSpec, svg };
}

/** Puts literal colours in place of CSS variables, for files that no page styles. */
export function withPalette(svg: string, palette: Readonly<Record<string, string>> = LIGHT_PALETTE): string {
  return svg.replace(/var\((--[\w-]+)\)/g, (variable, name: string) => palette[name] ?? variable);
}
