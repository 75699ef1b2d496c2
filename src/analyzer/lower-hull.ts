import { at } from './search.ts';

/**
 * Slope of the line that lies below all points and nearest to them in sum of vertical distance: the edge of the lower
 * convex hull that spans the mean of x. `x` ascends. Delays only add, so this sees the clock's rate and not the delays.
 * Source: Zhang, Liu, Xia, 'Clock synchronization algorithms for network measurements', INFOCOM 2002.
 */
export function lowerSlope(x: Float64Array, y: Float64Array): number {
  if (x.length < 2) return 0;
  const hull = lowerHull(x, y);
  const middle = meanOf(x);
  for (let i = 1; i < hull.length; i++) {
    const right = hull[i] ?? 0;
    if (at(x, right) < middle && i < hull.length - 1) continue;
    const left = hull[i - 1] ?? 0;
    const run = at(x, right) - at(x, left);
    return run > 0 ? (at(y, right) - at(y, left)) / run : 0;
  }
  return 0;
}

/** Indexes of the lower hull, left to right. Andrew's monotone chain. */
function lowerHull(x: Float64Array, y: Float64Array): Int32Array {
  const hull = new Int32Array(x.length);
  let size = 0;
  for (let i = 0; i < x.length; i++) {
    while (size >= 2 && !turnsLeft(hull[size - 2] ?? 0, hull[size - 1] ?? 0, i)) size--;
    hull[size++] = i;
  }
  return hull.subarray(0, size);

  function turnsLeft(a: number, b: number, c: number): boolean {
    const ax = at(x, a);
    const ay = at(y, a);
    return (at(x, b) - ax) * (at(y, c) - ay) - (at(y, b) - ay) * (at(x, c) - ax) > 0;
  }
}

function meanOf(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}
