import { significant } from '../core/number-text.ts';
import type { RunDocument, Summary } from '../core/result.ts';
import { answerOf } from './answer.ts';
import { withoutControls } from './markup.ts';
import { rankedSummaries } from './ranking.ts';

/** The answer, a ranking table and the doubts as Markdown, for issue threads. */
export function markdownReport(documents: readonly RunDocument[]): string {
  const simulated = documents.some((document) => document.simulated === true)
    ? ['**SIMULATED** (lmpower demo)', '']
    : [];
  const ranked = rankedSummaries(documents);
  const { sentence, sureness } = answerOf(documents);
  const answer = [`**${cellText(sentence)}** ${cellText(sureness.join(' '))}`, ''];
  const table = [
    '| model | workload | net J/token | gross J/token | tok/s | tok/s/W | n | grade | domain |',
    '|---|---|---:|---:|---:|---:|---:|---|---|',
    ...ranked.map(summaryLine),
  ];
  const doubts = documents.flatMap((document) =>
    document.warnings.map((warning) => `- \`${warning.code}\` ×${warning.count}: ${warning.message}`),
  );
  const runs = documents.map(
    (document) =>
      `Run ${document.run.id}, ${document.run.startedAt}, lmpower ${document.tool.version}, method ${document.tool.methodVersion}.`,
  );
  return `${[...simulated, ...answer, ...table, '', ...doubts, ...(doubts.length > 0 ? [''] : []), ...runs].join('\n')}\n`;
}

function summaryLine(summary: Summary): string {
  const interval = summary.net_JPerTok.ci95;
  const net = `${significant(summary.net_JPerTok.value)}${interval === null ? '' : ` (${significant(interval[0])}–${significant(interval[1])})`}`;
  const cells = [
    summary.model,
    summary.workload,
    net,
    significant(summary.gross_JPerTok.value),
    significant(summary.tokPerS.value),
    significant(summary.tokPerSPerW.value),
    String(summary.n),
    summary.grade,
    `${summary.domain}: ${summary.scope}`,
  ];
  return `| ${cells.map(cellText).join(' | ')} |`;
}

/** Text that can neither end a cell nor start markup. */
function cellText(text: string): string {
  return withoutControls(text)
    .replace(/[\\|`*_<>[\]]/g, (character) => `\\${character}`)
    .replace(/[\t\r\n]+/g, ' ');
}
