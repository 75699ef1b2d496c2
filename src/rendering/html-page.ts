import { createHash } from 'node:crypto';
import { REPORTS } from '../../reports/index.ts';
import type { Report, ReportRows } from '../../reports/report.ts';
import { drawChart } from './chart.ts';
import { html, Markup, scriptJson } from './markup.ts';
import { withPackedRows } from './packed-rows.ts';
import { answerSection } from './page-answer.ts';
import { comparedSection } from './page-compared.ts';
import { figuresSection } from './page-figures.ts';
import { doubtsSection, methodSection } from './page-method.ts';
import { rankingSection } from './page-ranking.ts';
import { pageScripts } from './page-runtime.ts';
import { speedsSection } from './page-speeds.ts';
import { PAGE_STYLE } from './page-style.ts';

/** One self-contained page: charts drawn already, the Vega runtime and the rows inside, no request to anywhere. */
export async function htmlPage(rows: ReportRows): Promise<string> {
  const { documents } = rows;
  const figures: Markup[] = [];
  for (const report of REPORTS) figures.push(await figureSection(report, rows));
  const scripts = await pageScripts();
  const simulated = documents.some((document) => document.simulated === true);
  const title = simulated ? 'lmpower report (SIMULATED)' : 'lmpower report';
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${contentPolicy(scripts)}">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<style>${new Markup(PAGE_STYLE)}</style>
</head>
<body>
<a class="skip" href="#ranking">Skip to the ranking</a>
<main>
<header><h1><b>lmpower</b> energy per token</h1>
${simulated ? html`<p class="simulated">SIMULATED: these numbers come from a simulation, not from a real machine.</p>` : html``}
${answerSection(documents)}</header>
${rankingSection(documents)}
${comparedSection(rows.comparisons)}
${speedsSection(documents)}
${figures}
${doubtsSection(documents)}
${methodSection(documents)}
${figuresSection(documents)}
<footer><p class="note">Written by lmpower ${documents[0]?.tool.version ?? ''}. This page holds its data and asks nothing of the network.</p></footer>
</main>
${scripts.map((script) => new Markup(`<script>${script}</script>\n`))}</body>
</html>
`.html;
}

async function figureSection(report: Report, rows: ReportRows): Promise<Markup> {
  const spec = report.build(rows);
  if (spec === null) return html``;
  const chart = await drawChart(spec, { id: report.id });
  const { id, question, caption } = report;
  const note = report.note?.(rows) ?? null;
  return html`<section aria-labelledby="${id}"><h2 id="${id}">${question}</h2>
<figure data-chart="${id}">
<div class="drawing" role="img" aria-labelledby="${id}" aria-describedby="${id}-caption">${new Markup(chart.svg)}</div>
<figcaption id="${id}-caption">${caption}${note === null ? html`` : html` ${note}`}</figcaption>
<script type="application/json">${new Markup(scriptJson(withPackedRows(chart.vegaSpec)))}</script>
</figure></section>
`;
}

/** Nothing is allowed but this page's own scripts and style sheet, by their hashes. */
function contentPolicy(scripts: readonly string[]): string {
  const hashes = scripts.map(hashOf).join(' ');
  return `default-src 'none'; script-src ${hashes}; style-src ${hashOf(PAGE_STYLE)}; base-uri 'none'; form-action 'none'`;
}

function hashOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}
