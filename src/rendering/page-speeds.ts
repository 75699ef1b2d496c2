import { significant } from '../core/number-text.ts';
import type { RunDocument } from '../core/result.ts';
import { html, type Markup } from './markup.ts';
import { speedsWithoutEnergy } from './speeds.ts';

/** Speeds of runs without energy; nothing where every run has some. */
export function speedsSection(documents: readonly RunDocument[]): Markup {
  const rows = speedsWithoutEnergy(documents).map(
    ({
      by,
      category,
      model,
      n,
      prefillTokPerS,
      tokPerS,
    }) => html`<tr><th scope="row">${model}</th><td>${category}</td><td>${significant(tokPerS)}</td><td>${significant(prefillTokPerS)}</td><td>${n}</td><td>${by}</td></tr>
`,
  );
  if (rows.length === 0) return html``;
  return html`<section aria-labelledby="speeds"><h2 id="speeds">How fast was what had no meter?</h2>
<div class="scroll" tabindex="0" role="region" aria-labelledby="speeds"><table data-sortable><thead><tr><th scope="col">model</th><th scope="col">prompts</th><th scope="col">tok/s</th><th scope="col">prefill tok/s</th><th scope="col">trials</th><th scope="col">measured by</th></tr></thead><tbody>${rows}</tbody></table></div>
<p class="note">Output tokens over the time of requests, prompt tokens over the time of prefill; no joules.</p></section>
`;
}
