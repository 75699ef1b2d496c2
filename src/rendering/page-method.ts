import { CODES, sortCodes } from '../core/codes.ts';
import { spanText } from '../core/number-text.ts';
import type { RunDocument } from '../core/result.ts';
import { B_PER_GiB } from '../core/units.ts';
import { html, type Markup } from './markup.ts';

/** Every code of these runs with what it means and what to do about it. */
export function doubtsSection(documents: readonly RunDocument[]): Markup {
  const counts = new Map<keyof typeof CODES, number>();
  const add = (code: keyof typeof CODES, count: number): void => {
    counts.set(code, (counts.get(code) ?? 0) + count);
  };
  for (const document of documents) {
    for (const warning of document.warnings) add(warning.code, warning.count);
    for (const { codes } of document.summary.filter(({ headline }) => headline))
      for (const code of codes) add(code, 0);
  }
  if (counts.size === 0) return html``;
  const rows = sortCodes(counts.keys()).map((code) => {
    const { severity, message, remedy } = CODES[code];
    const times = counts.get(code) ?? 0;
    return html`<tr id="code-${code}"><th scope="row"><code>${code}</code></th><td><span class="severity ${severity}">${severity}</span></td><td class="number">${times === 0 ? '–' : times}</td><td>${message}</td><td>${remedy}</td></tr>
`;
  });
  return html`<section aria-labelledby="doubts"><h2 id="doubts">What to keep in mind</h2>
<p class="note">“info” is good to know, “doubt” stands beside a figure, “void” withholds it.</p>
<div class="scroll" tabindex="0" role="region" aria-labelledby="doubts"><table class="wide"><thead><tr><th scope="col">code</th><th scope="col">severity</th><th scope="col" class="number">times</th><th scope="col">what it says</th><th scope="col">what to do</th></tr></thead><tbody>${rows}</tbody></table></div></section>
`;
}

/** How it was measured, then what could change the numbers, run by run. */
export function methodSection(documents: readonly RunDocument[]): Markup {
  const prints = documents.map((document, i) => {
    const { id, startedAt } = document.run;
    const open = i === 0 ? html` open` : html``;
    return html`<details${open}><summary>Run ${id}, ${startedAt.slice(0, 16).replace('T', ' ')} UTC</summary>${fingerprint(document)}</details>
`;
  });
  return html`<section aria-labelledby="method"><h2 id="method">How this was measured</h2>
<ul class="method">
<li><b>Energy</b> is counted over the source’s own windows, not the interval it was asked for. At the edges of a request a reading is split by the power before it.</li>
<li><b>Net</b> is gross less idle power, taken before and after each request and interpolated in time. Both always stand side by side.</li>
<li><b>Three doubts, never merged:</b> the interval over repetitions; the bound, which is the largest error that the readings allow; and the sensor’s own accuracy, which only its maker can state.</li>
<li><b>Scope:</b> energy covers only what is named beside it. Other parts of the machine are not in it, and vendor estimates are not for comparison between machines.</li>
</ul></section>
<section aria-labelledby="fingerprint"><h2 id="fingerprint">What could change these numbers</h2>
${prints}</section>
`;
}

type Fact = readonly [string, string | number | boolean | null];

function fingerprint(document: RunDocument): Markup {
  const { environment, plan, run, tool } = document;
  const facts: readonly Fact[] = [
    ['state', `${run.state}, ${spanText(run.duration_s)}`],
    ['machine', environment.machine],
    ['chip', environment.chip],
    ['cores', environment.cores],
    ['memory', environment.memory_B === null ? null : `${(environment.memory_B / B_PER_GiB).toFixed(0)} GiB`],
    ['system', joined([environment.os, environment.osBuild])],
    ['power', environment.powerSource],
    ['low-power mode', environment.lowPowerMode],
    ['governor', environment.governor],
    ['server', joined([plan.backend, environment.backendVersion, environment.engine])],
    [
      'workload',
      `${plan.workload.id} v${plan.workload.version}, sha256 ${plan.workload.sha256.slice(0, 12)}…`,
    ],
    [
      'plan',
      `${plan.trials} × each prompt, reading every ${plan.interval_ms} ms, baseline ${plan.baseline_s} s, cooldown ${plan.cooldown_s} s`,
    ],
    ...document.domains.map(
      (domain): Fact => [
        `domain ${domain.id}`,
        `${domain.scope}; ${domain.source}, ${domain.kind}; accuracy ${domain.systematicRatio === null ? 'not published' : `±${domain.systematicRatio * 100} %`}`,
      ],
    ),
    ...environment.settings.map(
      (setting): Fact => [
        setting.name,
        `${String(setting.effective ?? 'not known')} (${setting.source}; ${setting.requested === null ? 'not asked for' : `asked for ${String(setting.requested)}`})`,
      ],
    ),
    ['tool', `lmpower ${tool.version}, method ${tool.methodVersion}`],
  ];
  return html`<dl class="facts">${facts.map(([name, value]) => html`<dt>${name}</dt><dd>${value === null ? 'not read' : String(value)}</dd>`)}</dl>`;
}

function joined(parts: readonly (string | null)[]): string {
  return parts.filter((part) => part !== null && part !== '').join(' ');
}
