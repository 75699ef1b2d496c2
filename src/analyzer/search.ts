/** Value at an index that the caller knows to exist; NaN outside, which no comparison accepts. */
export function at(values: Float64Array, index: number): number {
  return values[index] ?? Number.NaN;
}

/** How many values of an ascending array are ≤ `limit`. O(log n). */
export function countUpTo(ascending: Float64Array, limit: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (at(ascending, middle) <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Evenly spaced picks of at most `most` values, ascending: enough for a quantile of millions, and reproducible. */
export function sortedPicks(values: Float64Array, most = 10_000): Float64Array {
  const step = Math.max(1, Math.ceil(values.length / most));
  const picks = new Float64Array(Math.ceil(values.length / step));
  for (let i = 0; i < picks.length; i++) picks[i] = at(values, i * step);
  return picks.sort();
}

/** Quantile of ascending values by linear interpolation (type 7); NaN when empty. */
export function quantileOf(ascending: Float64Array, ratio: number): number {
  const place = (ascending.length - 1) * ratio;
  const below = Math.floor(place);
  const value = at(ascending, below);
  return below + 1 < ascending.length ? value + (place - below) * (at(ascending, below + 1) - value) : value;
}
