import type { Command } from 'commander';
import { compareArms } from '../analyzer/compare/compare.ts';
import type { EnergyBasis } from '../core/comparison.ts';
import { type ExitCode, LmpowerError } from '../core/errors.ts';
import { PERCENT_PER_RATIO } from '../core/units.ts';
import { contestsOf } from './compare-arms.ts';
import { compareLines, compareMarkdown, rankingOf, type Standing } from './compare-table.ts';
import { loadDocuments } from './load-documents.ts';
import { writeJson, writeOut } from './output.ts';
import { screenWidth } from './terminal.ts';

export interface CompareFlags {
  /** Percent. */
  readonly threshold: number;
  readonly by: EnergyBasis;
  readonly reference?: string;
  readonly across?: true;
  readonly json?: true;
  readonly markdown?: true;
}

/** Compares and prints; 4 when a candidate uses more, or has no energy at all. @throws {LmpowerError} NOT_COMPARABLE, USAGE, RUN_*, STORE_* */
export async function compare(
  command: Command,
  refs: readonly string[],
  flags: CompareFlags,
): Promise<ExitCode> {
  const threshold_ratio = thresholdOf(flags.threshold);
  const documents = await loadDocuments(command, refs);
  const options = { threshold_ratio, basis: flags.by, across: flags.across === true };
  const standings = contestsOf(documents, flags.reference).flatMap(
    ({ reference, candidates }): Standing[] => {
      const comparisons = candidates.map((candidate) => compareArms(reference, candidate, options));
      const [first] = comparisons;
      return first === undefined ? [] : [{ reference: first.reference, comparisons }];
    },
  );
  await writeStandings(standings, flags);
  return exitCodeOf(standings);
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

function exitCodeOf(standings: readonly Standing[]): ExitCode {
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
