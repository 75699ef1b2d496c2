import { errorFunction } from 'simple-statistics';
import type { SignedRank } from '../../core/comparison.ts';
import { sumOf } from '../ratio-interval.ts';

/** Up to here every sign pattern is counted; 2^50 patterns are still whole numbers of a double. */
const EXACT_MOST = 50;

/**
 * Wilcoxon's signed-rank test of paired differences, two-sided; zeros are left out. Exact where no two differences are
 * equally large and n ≤ 50; else normal with mid-ranks, tie and continuity correction. Null without a difference.
 * Source: Wilcoxon 1945; Hollander, Wolfe & Chicken, 'Nonparametric Statistical Methods', §3.1.
 */
export function signedRank(differences: readonly number[]): SignedRank | null {
  const ordered = differences
    .filter((difference) => difference !== 0)
    .sort((a, b) => Math.abs(a) - Math.abs(b));
  const n = ordered.length;
  if (n === 0) return null;
  const ties = tieRuns(ordered);
  const ranks = ties.flatMap(({ first, count }) => Array<number>(count).fill(first + (count + 1) / 2));
  const statistic = sumOf(ranks.filter((_, place) => (ordered[place] ?? 0) > 0));
  const isExact = n <= EXACT_MOST && ties.length === n;
  const p = isExact ? exactP(statistic, n) : normalP(statistic, n, ties);
  return { n, statistic, p, isExact };
}

interface TieRun {
  /** Values before it. */
  readonly first: number;
  readonly count: number;
}

function tieRuns(ordered: readonly number[]): TieRun[] {
  const runs: TieRun[] = [];
  for (let first = 0; first < ordered.length; ) {
    const size = Math.abs(ordered[first] ?? 0);
    let end = first + 1;
    while (end < ordered.length && Math.abs(ordered[end] ?? 0) === size) end++;
    runs.push({ first, count: end - first });
    first = end;
  }
  return runs;
}

/** Twice the lighter tail: patterns of signs by their sum of ranks, counted one rank after the other. */
function exactP(statistic: number, n: number): number {
  const most = (n * (n + 1)) / 2;
  const counts = new Float64Array(most + 1);
  counts[0] = 1;
  for (let rank = 1; rank <= n; rank++) {
    for (let sum = most; sum >= rank; sum--) counts[sum] = (counts[sum] ?? 0) + (counts[sum - rank] ?? 0);
  }
  const tail = sumOf([...counts.subarray(0, Math.min(statistic, most - statistic) + 1)]);
  return Math.min(1, (2 * tail) / 2 ** n);
}

function normalP(statistic: number, n: number, ties: readonly TieRun[]): number {
  const mean = (n * (n + 1)) / 4;
  const tied = sumOf(ties.map(({ count }) => count ** 3 - count));
  const variance = (n * (n + 1) * (2 * n + 1)) / 24 - tied / 48;
  const distance = Math.max(0, Math.abs(statistic - mean) - 0.5);
  return Math.min(1, 1 - errorFunction(distance / Math.sqrt(2 * variance)));
}
