/** The known word that was probably meant: one that goes on from it, or the one with the fewest slips between them. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const longer = known.find((one) => bare(one).startsWith(bare(word)) && bare(word) !== '');
  if (longer !== undefined) return longer;
  const [best] = known
    .map((one) => ({ one, slips: slipsBetween(bare(word), bare(one)) }))
    .sort((a, b) => a.slips - b.slips);
  const most = bare(word).length < SHORT ? 1 : MOST_SLIPS;
  return best !== undefined && best.slips <= most ? best.one : undefined;
}

const MOST_SLIPS = 2;
/** Words below this are soon two slips from anything. */
const SHORT = 7;

/** `interval` of `Interval_Ms`, `LMPOWER_INTERVAL` of `LMPOWER_INTERVAL_MS`. */
function bare(word: string): string {
  return word
    .toLowerCase()
    .replace(/_(ms|s|pct|seconds|percent)$/, '')
    .replaceAll(/[^a-z]/g, '');
}

/** Letters to add, drop, change or swap with their neighbour. Source: optimal string alignment distance. */
function slipsBetween(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const changed = at(rows, i - 1, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swapped = isSwap ? at(rows, i - 2, j - 2) + 1 : changed;
      row.push(Math.min(at(rows, i - 1, j) + 1, (row[j - 1] ?? 0) + 1, changed, swapped));
    }
    rows.push(row);
  }
  return at(rows, a.length, b.length);
}

function at(rows: readonly (readonly number[])[], i: number, j: number): number {
  return rows[i]?.[j] ?? 0;
}
