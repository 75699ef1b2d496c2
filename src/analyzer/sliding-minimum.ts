import { at } from './search.ts';

/** Least of `values[i … i+count−1]` (fewer at the end) for every i. O(n) by a monotone queue of candidates. */
export function slidingMinimum(values: Float64Array, count: number): Float64Array {
  const least = new Float64Array(values.length);
  const queue = new Int32Array(values.length);
  let head = 0;
  let tail = 0;
  for (let i = values.length - 1; i >= 0; i--) {
    while (tail > head && at(values, queue[tail - 1] ?? 0) >= at(values, i)) tail--;
    queue[tail++] = i;
    if ((queue[head] ?? 0) >= i + count) head++;
    least[i] = at(values, queue[head] ?? 0);
  }
  return least;
}
