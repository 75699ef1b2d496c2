import { shortName } from '../../reports/configuration.ts';
import type { Comparison } from '../core/comparison.ts';
import { percent, significant } from '../core/number-text.ts';
import { html, type Markup } from './markup.ts';

/** A change in words a table can hold: `+5.0 %`; `–` where there is none. */
export function changeText(change: number | null): string {
  return change === null ? '–' : `${change > 0 ? '+' : ''}${percent(change)}`;
}

/** The first run against an earlier one, model by model, with what is to be known before the verdict is believed. */
export function comparedSection(comparisons: readonly Comparison[]): Markup {
  const [first] = comparisons;
  if (first === undefined) return html``;
  const rows = comparisons.map(
    ({ basis, candidate, change, ci95, reference, verdict }) =>
      html`<tr><th scope="row">${shortName(candidate.model)}</th><td class="number">${significant(reference.value_JPerTok)}</td><td class="number">${significant(candidate.value_JPerTok)}</td><td class="number">${changeText(change)}</td><td class="number">${ci95 === null ? '–' : `${changeText(ci95[0])} to ${changeText(ci95[1])}`}</td><td>${verdict}</td><td>${basis}</td></tr>
`,
  );
  const notes = new Map(comparisons.flatMap((one) => one.notes.map(({ id, message }) => [id, message])));
  return html`<section aria-labelledby="compared"><h2 id="compared">Against run ${first.reference.run}</h2>
<div class="scroll" tabindex="0" role="region" aria-labelledby="compared"><table><thead><tr><th scope="col">model</th><th scope="col" class="number">J/token before</th><th scope="col" class="number">J/token now</th><th scope="col" class="number">change</th><th scope="col" class="number">95 % interval</th><th scope="col">verdict</th><th scope="col">of</th></tr></thead><tbody>${rows}</tbody></table></div>
<p class="note">“Worse” and “better” need an interval without 0 and a change beyond ${percent(first.threshold_ratio)}.</p>
${notes.size === 0 ? html`` : html`<ul class="note">${[...notes].map(([id, message]) => html`<li><code>${id}</code> ${message}</li>`)}</ul>`}</section>
`;
}
