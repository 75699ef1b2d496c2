import type { Command } from 'commander';
import { type CompareOptions, compareArms } from '../analyzer/compare/compare.ts';
import type { EnergyBasis } from '../core/comparison.ts';
import { type ExitCode, LmpowerError } from '../core/errors.ts';
import type { RankMetric } from '../core/ranking.ts';
import type { RunDocument } from '../core/result.ts';
import { PERCENT_PER_RATIO } from '../core/units.ts';
import { contestsOf } from './compare-arms.ts';
import { compareLines, compareMarkdown, rankingOf, type Standing } from './compare-table.ts';
import { earlierDocuments } from './earlier-documents.ts';
import { loadDocuments } from './load-documents.ts';
import { withStore } from './open-store.ts';
import { writeJson, writeOut } from './output.ts';
import { rankingLines, rankingMarkdown } from './ranking-table.ts';
import { screenWidth } from './terminal.ts';

export interface CompareFlags {
  /** Percent. */
  readonly threshold: number;
  readonly by: EnergyBasis;
  readonly reference?: string;
  readonly across?: true;
  readonly rankBy?: RankMetric;
  readonly json?: true;
  readonly markdown?: true;
}

/** Compares and prints; 4 when a candidate uses more, or has no energy at all. @throws {LmpowerError} NOT_COMPARABLE, USAGE, RUN_*, STORE_* */
export async function compare(
  command: Command,
  refs: readonly string[],
  flags: CompareFlags,
): Promise<ExitCode> {
  if (flags.rankBy !== undefined) return rank(command, refs, { ...flags, rankBy: flags.rankBy });
  const threshold_ratio = thresholdOf(flags.threshold);
  const documents = await loadDocuments(command, refs);
  const standings = standingsOf(documents, {
    reference: flags.reference,
    options: { threshold_ratio, basis: flags.by, across: flags.across === true },
  });
  await writeStandings(standings, flags);
  return exitCodeOf(standings);
}

/** Everything that these runs can be compared for. @throws {LmpowerError} NOT_COMPARABLE, USAGE */
export function standingsOf(
  documents: readonly RunDocument[],
  { options, reference }: { readonly options: CompareOptions; readonly reference?: string | undefined },
): Standing[] {
  return contestsOf(documents, reference).flatMap((contest): Standing[] => {
    const comparisons = contest.candidates.map((one) => compareArms(contest.reference, one, options));
    const [first] = comparisons;
    return first === undefined ? [] : [{ reference: first.reference, comparisons }];
  });
}

/** All configurations in order of one figure; says nothing of significance, hence always 0. */
async function rank(
  command: Command,
  refs: readonly string[],
  { json, markdown, rankBy }: CompareFlags & { readonly rankBy: RankMetric },
): Promise<ExitCode> {
  const documents = await loadDocuments(command, refs);
  const { ranking } = await import('../analyzer/ranking.ts');
  const earlier = await withStore(command, (store) => earlierDocuments(store, documents));
  const ranked = ranking(documents, rankBy, earlier);
  if (json === true) await writeJson({ schemaVersion: 1, rankBy, ranking: ranked });
  else if (markdown === true) await writeOut(`${rankingMarkdown(ranked, rankBy)}\n`);
  else await writeOut(`${rankingLines(ranked, rankBy, screenWidth()).join('\n')}\n`);
  return 0;
}

async function writeStandings(standings: readonly Standing[], flags: CompareFlags): Promise<void> {
  if (flags.json === true)
    return writeJson({
      schemaVersion: 1,
      comparisons: standings.flatMap(({ comparisons }) => comparisons),
      rankings: standings.map((standing) => rankingOf(standing).map(({ run, model }) => ({ run, model }))),
    });
  const text =
    flags.markdown === true ? compareMarkdown(standings) : compareLines(standings, screenWidth()).join('\n');
  return writeOut(`${text}\n`);
}

/** 4 when a candidate uses more, or has no energy at all. */
export function exitCodeOf(standings: readonly Standing[]): ExitCode {
  const comparisons = standings.flatMap((standing) => standing.comparisons);
  const isVoid = comparisons.some(({ reference, candidate }) => reference.n === 0 || candidate.n === 0);
  return isVoid || comparisons.some(({ verdict }) => verdict === 'worse') ? 4 : 0;
}

function thresholdOf(threshold: number): number {
  if (threshold > 0 && threshold < PERCENT_PER_RATIO) return threshold / PERCENT_PER_RATIO;
  throw new LmpowerError('USAGE', `--threshold ${threshold} is outside 0 to 100 %.`, {
    remedy: 'for example: --threshold 3',
  });
}
