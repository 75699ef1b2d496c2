import { CODES } from '../core/codes.ts';
import { significant } from '../core/number-text.ts';
import type { RunDocument, Summary } from '../core/result.ts';
import { PERCENT_PER_RATIO } from '../core/units.ts';
import { html, type Markup } from './markup.ts';
import { rankedSummaries } from './ranking.ts';

/** The answer in one sentence: what costs least, by how much, how sure. */
export function answerSection(documents: readonly RunDocument[]): Markup {
  const ranked = rankedSummaries(documents);
  const best = ranked[0];
  if (best === undefined) {
    return html`<p class="answer">No energy was measured: no power source could be read.</p><p class="sure">Speed only. <code>lmpower doctor</code> says what is missing.</p>`;
  }
  const second = ranked[1];
  const lead = second === undefined ? null : lessThan(best, second);
  return html`<p class="answer">${best.model} uses ${significant(best.net_JPerTok.value)} J per output token, net of idle${lead === null ? '' : `: ${lead} less than ${second?.model ?? ''}`}.</p>
<p class="sure">${sureness(best)}</p>`;
}

function lessThan(best: Summary, second: Summary): string | null {
  if (best.net_JPerTok.value === null || second.net_JPerTok.value === null || second.net_JPerTok.value <= 0)
    return null;
  return `${((1 - best.net_JPerTok.value / second.net_JPerTok.value) * PERCENT_PER_RATIO).toFixed(0)} %`;
}

function sureness(best: Summary): string {
  const interval = best.net_JPerTok.ci95;
  const repeat =
    interval === null
      ? `${best.n} trials, no interval`
      : `95 % interval ${significant(interval[0])} to ${significant(interval[1])} over ${best.n} trials`;
  return `${significant(best.gross_JPerTok.value)} J gross · ${significant(best.tokPerS.value)} tok/s · ${significant(best.tokPerSPerW.value)} tok/s/W · ${repeat} · grade ${best.grade} · ${best.domain}: ${best.scope}`;
}

interface RankingColumn {
  readonly heading: string;
  readonly number: boolean;
  readonly text: (summary: Summary) => string;
  readonly value?: (summary: Summary) => number | null;
}

const RANKING: readonly RankingColumn[] = [
  { heading: 'model', number: false, text: (s) => s.model },
  { heading: 'workload', number: false, text: (s) => s.workload },
  {
    heading: 'net J/token',
    number: true,
    text: (s) => significant(s.net_JPerTok.value),
    value: (s) => s.net_JPerTok.value,
  },
  {
    heading: 'gross J/token',
    number: true,
    text: (s) => significant(s.gross_JPerTok.value),
    value: (s) => s.gross_JPerTok.value,
  },
  {
    heading: 'tok/s',
    number: true,
    text: (s) => significant(s.tokPerS.value),
    value: (s) => s.tokPerS.value,
  },
  {
    heading: 'tok/s/W',
    number: true,
    text: (s) => significant(s.tokPerSPerW.value),
    value: (s) => s.tokPerSPerW.value,
  },
  { heading: 'n', number: true, text: (s) => String(s.n), value: (s) => s.n },
  { heading: 'grade', number: false, text: (s) => s.grade },
  { heading: 'codes', number: false, text: (s) => s.codes.join(' ') },
];

/** All configurations, sortable and filterable. */
export function rankingSection(documents: readonly RunDocument[]): Markup {
  const ranked = rankedSummaries(documents);
  const heads = RANKING.map(
    (column) =>
      html`<th scope="col"${numberClass(column.number)}><button type="button">${column.heading}</button></th>`,
  );
  const rows = ranked.map((summary) => html`<tr>${RANKING.map((column) => cell(summary, column))}</tr>`);
  return html`<h2 id="ranking">Ranking</h2>
<input type="search" data-filter="ranking-table" hidden placeholder="Filter" aria-label="Filter the ranking">
<div class="scroll"><table id="ranking-table" data-sortable><thead><tr>${heads}</tr></thead><tbody>${rows}</tbody></table></div>`;
}

function cell(summary: Summary, column: RankingColumn): Markup {
  if (column.value === undefined) return html`<td>${column.text(summary)}</td>`;
  return html`<td class="number" data-value="${column.value(summary) ?? Number.NaN}">${column.text(summary)}</td>`;
}

function numberClass(isNumber: boolean): Markup {
  return isNumber ? html` class="number"` : html``;
}

/** Method, codes with their remedies, fingerprint. */
export function methodSection(documents: readonly RunDocument[]): Markup {
  const codes = [
    ...new Set(documents.flatMap((document) => document.warnings.map((warning) => warning.code))),
  ];
  const rows = codes.map(
    (code) =>
      html`<tr><td><code>${code}</code></td><td>${CODES[code].severity}</td><td>${CODES[code].message}</td><td>${CODES[code].remedy}</td></tr>`,
  );
  return html`<h2 id="doubts">What to keep in mind</h2>
<div class="scroll"><table><thead><tr><th scope="col">code</th><th scope="col">severity</th><th scope="col">what it says</th><th scope="col">what to do</th></tr></thead><tbody>${rows}</tbody></table></div>
<h2 id="method">How this was measured</h2>
<p class="note">Each reading counts over the source’s own window, not the requested interval. Baselines before and after each request give the idle power, interpolated in time; net is gross less idle. At the edges of the request a reading is split by the power before it. The bound is the largest error that the readings allow; repeatability and the sensor’s own accuracy are separate terms. Energy covers only the named scope: other parts of the machine are not in it.</p>
${documents.map(fingerprint)}`;
}

function fingerprint(document: RunDocument): Markup {
  const { environment, plan, run, tool } = document;
  const facts: readonly [string, string | null][] = [
    ['run', run.id],
    ['started', run.startedAt],
    ['state', run.state],
    ['machine', environment.machine],
    ['chip', environment.chip],
    ['system', `${environment.os} ${environment.osBuild ?? ''}`],
    ['power', environment.powerSource],
    ['server', `${plan.backend} ${environment.backendVersion ?? ''} ${environment.engine ?? ''}`],
    [
      'sources',
      document.domains
        .map((domain) => `${domain.id} (${domain.source}, ${domain.kind}): ${domain.scope}`)
        .join('; '),
    ],
    [
      'plan',
      `${plan.workload.id} v${plan.workload.version}, ${plan.trials} × each prompt, ${plan.interval_ms} ms, baseline ${plan.baseline_s} s, cooldown ${plan.cooldown_s} s`,
    ],
    ['tool', `lmpower ${tool.version}, method ${tool.methodVersion}`],
  ];
  return html`<dl>${facts.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>`;
}

/** Every trial's figures. */
export function rawSection(documents: readonly RunDocument[]): Markup {
  const rows = documents.flatMap((document) =>
    document.trials.flatMap((trial) =>
      trial.energy.map(
        (row) =>
          html`<tr><td>${trial.model}</td><td>${trial.promptId}</td><td class="number">${trial.repetition}</td><td>${row.domain}</td><td class="number">${trial.completion?.output_tok ?? null}</td><td class="number">${significant(row.gross_J, 4)}</td><td class="number">${significant(row.net_J, 4)}</td><td class="number">${significant(row.uncertainty.bound_J)}</td><td>${row.grade}</td><td>${row.codes.join(' ')}</td></tr>`,
      ),
    ),
  );
  const heads = [
    'model',
    'prompt',
    '#',
    'domain',
    'tokens',
    'gross J',
    'net J',
    '± bound J',
    'grade',
    'codes',
  ];
  return html`<h2 id="figures">Figures</h2><details><summary>${rows.length} rows</summary><div class="scroll"><table><thead><tr>${heads.map((head) => html`<th scope="col">${head}</th>`)}</tr></thead><tbody>${rows}</tbody></table></div></details>`;
}
