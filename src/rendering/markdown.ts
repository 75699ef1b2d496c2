import { type Configuration, configurations } from '../../reports/configuration.ts';
import { CODES, type CodeId, sortCodes } from '../core/codes.ts';
import type { Comparison } from '../core/comparison.ts';
import { significant } from '../core/number-text.ts';
import type { RunDocument } from '../core/result.ts';
import { answerOf } from './answer.ts';
import { withoutControls } from './markup.ts';
import { changeText } from './page-compared.ts';
import { type Speed, speedsWithoutEnergy } from './speeds.ts';

/** The answer, a ranking table and the doubts as Markdown, for issue threads. */
export function markdownReport(
  documents: readonly RunDocument[],
  comparisons: readonly Comparison[] = [],
): string {
  const simulated = documents.some((document) => document.simulated === true)
    ? ['**SIMULATED**: not from a real machine', '']
    : [];
  const ranked = configurations(documents);
  const { sentence, sureness } = answerOf(documents);
  const answer = [`**${cellText(sentence)}** ${cellText(sureness.join(' '))}`, ''];
  const speeds = speedsWithoutEnergy(documents);
  const table = [
    '| model | workload | net J/token | gross J/token | tok/s | tok/s/W | n | grade | domain |',
    '|---|---|---:|---:|---:|---:|---:|---|---|',
    ...ranked.map(summaryLine),
  ];
  const doubts = doubtLines(documents);
  const runs = documents.map(
    (document) =>
      `Run ${document.run.id}, ${document.run.startedAt}, lmpower ${document.tool.version}, method ${document.tool.methodVersion}.`,
  );
  return `${[...simulated, ...answer, ...(ranked.length > 0 ? [...table, ''] : []), ...comparedLines(comparisons), ...speedLines(speeds), ...doubts, ...(doubts.length > 0 ? [''] : []), ...runs].join('\n')}\n`;
}

function speedLines(speeds: readonly Speed[]): string[] {
  if (speeds.length === 0) return [];
  return [
    '| model | prompts | tok/s | prefill tok/s | n | measured by |',
    '|---|---|---:|---:|---:|---|',
    ...speeds.map(({ by, category, model, n, prefillTokPerS, tokPerS }) => {
      const cells = [model, category, significant(tokPerS), significant(prefillTokPerS), String(n), by];
      return `| ${cells.map(cellText).join(' | ')} |`;
    }),
    '',
  ];
}

function summaryLine({ label, summary }: Configuration): string {
  const interval = summary.net_JPerTok.ci95;
  const net = `${significant(summary.net_JPerTok.value)}${interval === null ? '' : ` (${significant(interval[0])}–${significant(interval[1])})`}`;
  const cells = [
    label,
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

/** Each code once, over all runs. */
function doubtLines(documents: readonly RunDocument[]): string[] {
  const counts = new Map<CodeId, number>();
  for (const { code, count } of documents.flatMap(({ warnings }) => warnings))
    counts.set(code, (counts.get(code) ?? 0) + count);
  return sortCodes(counts.keys()).map(
    (code) => `- \`${code}\` ×${counts.get(code) ?? 0}: ${CODES[code].message}`,
  );
}

function comparedLines(comparisons: readonly Comparison[]): string[] {
  const [first] = comparisons;
  if (first === undefined) return [];
  return [
    `| against run ${first.reference.run} | J/token before | now | change | verdict |`,
    '|---|---:|---:|---:|---|',
    ...comparisons.map(
      ({ candidate, change, reference, verdict }) =>
        `| ${cellText(candidate.model)} | ${significant(reference.value_JPerTok)} | ${significant(candidate.value_JPerTok)} | ${changeText(change)} | ${verdict} |`,
    ),
    '',
  ];
}

/** Text that can neither end a cell nor start markup. */
function cellText(text: string): string {
  return withoutControls(text)
    .replace(/[\\|`*_<>[\]]/g, (character) => `\\${character}`)
    .replace(/[\t\r\n]+/g, ' ');
}
