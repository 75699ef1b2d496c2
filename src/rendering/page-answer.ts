import { significant } from '../core/number-text.ts';
import type { Estimate, RunDocument } from '../core/result.ts';
import { answerOf } from './answer.ts';
import { html, type Markup } from './markup.ts';

/** The answer in one sentence, how sure it is, and the figures behind it. */
export function answerSection(documents: readonly RunDocument[]): Markup {
  const { sentence, sureness, best } = answerOf(documents);
  return html`<p class="answer">${sentence}</p>
<p class="sure">${sureness.join(' ')}</p>
${best === null ? html`` : tiles(best.summary)}`;
}

type Tiled = Parameters<typeof tileFigures>[0];

function tileFigures(summary: {
  readonly net_JPerTok: Estimate;
  readonly gross_JPerTok: Estimate;
  readonly tokPerS: Estimate;
  readonly tokPerSPerW: Estimate;
}): readonly { readonly name: string; readonly unit: string; readonly estimate: Estimate }[] {
  return [
    { name: 'net', unit: 'J per output token', estimate: summary.net_JPerTok },
    { name: 'gross', unit: 'J per output token', estimate: summary.gross_JPerTok },
    { name: 'speed', unit: 'tokens per second', estimate: summary.tokPerS },
    { name: 'efficiency', unit: 'tok/s per W, gross', estimate: summary.tokPerSPerW },
  ];
}

function tiles(summary: Tiled): Markup {
  return html`<dl class="tiles">${tileFigures(summary).map(
    ({ name, unit, estimate }) =>
      html`<div><dt>${name}</dt><dd><b>${significant(estimate.value)}</b> <span>${unit}</span>${intervalOf(estimate)}</dd></div>`,
  )}</dl>`;
}

function intervalOf({ ci95 }: Estimate): Markup {
  return ci95 === null
    ? html`<small>no interval</small>`
    : html`<small>95 %: ${significant(ci95[0])} to ${significant(ci95[1])}</small>`;
}
