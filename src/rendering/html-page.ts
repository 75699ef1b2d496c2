import { createHash } from 'node:crypto';
import { REPORTS } from '../../reports/index.ts';
import type { Report, ReportRows } from '../../reports/report.ts';
import { drawChart } from './chart.ts';
import { html, Markup, scriptJson } from './markup.ts';
import { pageScripts } from './page-runtime.ts';
import { answerSection, methodSection, rankingSection, rawSection } from './page-sections.ts';
import { PAGE_STYLE } from './page-style.ts';

/** One self-contained page: charts drawn already, the Vega runtime and the rows inside, no request to anywhere. */
export async function htmlPage(rows: ReportRows): Promise<string> {
  const figures = await Promise.all(REPORTS.map((report) => figureSection(report, rows)));
  const scripts = await pageScripts();
  const simulated = rows.documents.some((document) => document.simulated === true);
  const body = html`<main>
<h1>lmpower · energy per token</h1>
${simulated ? html`<p class="simulated">SIMULATED: these numbers come from the lab of <code>lmpower demo</code>, not from a real machine.</p>` : html``}
${answerSection(rows.documents)}
${rankingSection(rows.documents)}
${figures}
${methodSection(rows.documents)}
${rawSection(rows.documents)}
</main>`;
  const title = simulated ? 'lmpower report (SIMULATED)' : 'lmpower report';
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${contentPolicy(scripts)}">
<title>${title}</title>
<style>${new Markup(PAGE_STYLE)}</style>
</head>
<body>
${body}
${scripts.map((script) => new Markup(`<script>${script}</script>\n`))}</body>
</html>
`.html;
}

async function figureSection(report: Report, rows: ReportRows): Promise<Markup> {
  const spec = report.build(rows);
  if (spec === null) return html``;
  const chart = await drawChart(spec);
  return html`<section aria-labelledby="${report.id}"><h2 id="${report.id}">${report.question}</h2>
<figure data-chart="${report.id}" role="group" aria-labelledby="${report.id}">
<div class="drawing">${new Markup(chart.svg)}</div>
<figcaption>${report.caption}</figcaption>
<script type="application/json">${new Markup(scriptJson(chart.vegaSpec))}</script>
</figure></section>
`;
}

/** Nothing is allowed but this page's own scripts, by their hashes, and inline style. */
function contentPolicy(scripts: readonly string[]): string {
  const hashes = scripts.map((script) => `'sha256-${createHash('sha256').update(script).digest('base64')}'`);
  return `default-src 'none'; script-src ${hashes.join(' ')}; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'`;
}
