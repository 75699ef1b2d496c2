import { type ConfiguredTrial, configurations, configuredTrials } from '../../reports/configuration.ts';
import { significant } from '../core/number-text.ts';
import type { EnergyRow, RunDocument, TrialResult } from '../core/result.ts';
import { html, type Markup } from './markup.ts';

/** Rows that keep a page small; all of them are in the CSV. */
const ROWS = 500;

interface FigureColumn {
  readonly heading: string;
  readonly isNumber: boolean;
  readonly text: (trial: TrialResult, row: EnergyRow) => string;
}

const COLUMNS: readonly FigureColumn[] = [
  text('prompt', (trial) => trial.promptId),
  number('#', (trial) => String(trial.repetition + 1)),
  number('tokens', (trial) => String(trial.completion?.output_tok ?? '–')),
  number('gross J', (_trial, row) => significant(row.gross_J, 4)),
  number('net J', (_trial, row) => significant(row.net_J, 4)),
  number('± bound J', (_trial, row) => significant(row.uncertainty.bound_J)),
  number('pro-rated net J', (_trial, row) => significant(row.proRated.net_J, 4)),
  number('idle W', (_trial, row) => significant(row.baseline?.power_W ?? null)),
  number('tok/s', (_trial, row) => significant(row.tokPerS)),
  number('readings', (_trial, row) => String(row.publications)),
  text('grade', (_trial, row) => row.grade),
  text('codes', (_trial, row) => row.codes.join(' ')),
];

/** The headline domain's figures of every trial, up to five hundred. */
export function figuresSection(documents: readonly RunDocument[]): Markup {
  const shown: ConfiguredTrial[] = [];
  let count = 0;
  for (const configuration of configurations(documents)) {
    const trials = configuredTrials([configuration]);
    count += trials.length;
    shown.push(...trials.slice(0, ROWS - shown.length));
  }
  if (count === 0) return html``;
  const heads = COLUMNS.map(({ heading }) => html`<th scope="col">${heading}</th>`);
  const rows = shown.map(
    ({ label, trial, row }) => html`<tr><th scope="row">${label}</th>${COLUMNS.map(
      (column) => html`<td>${column.text(trial, row)}</td>`,
    )}</tr>
`,
  );
  const cut =
    count > ROWS
      ? html`<p class="note">The first ${ROWS} of ${count} trials; <code>lmpower export RUN --format csv</code> has them all, with every domain.</p>`
      : html`<p class="note"><code>lmpower export RUN --format csv</code> has these and every other domain.</p>`;
  return html`<section aria-labelledby="figures"><h2 id="figures">Raw figures</h2>
<details><summary>${shown.length} trials</summary>${cut}<div class="scroll" tabindex="0" role="region" aria-labelledby="figures"><table class="wide figures"><thead><tr><th scope="col">model</th>${heads}</tr></thead><tbody>${rows}</tbody></table></div></details></section>
`;
}

/** Numbers stand to the right; a rule for each column costs less than a class for each cell. */
export const FIGURES_STYLE: string = COLUMNS.flatMap(({ isNumber }, i) =>
  isNumber ? [`.figures tr>:nth-child(${i + 2})`] : [],
).join();

function text(heading: string, of: FigureColumn['text']): FigureColumn {
  return { heading, isNumber: false, text: of };
}

function number(heading: string, of: FigureColumn['text']): FigureColumn {
  return { heading, isNumber: true, text: of };
}
