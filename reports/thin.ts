/** Neighbours in order that share one mark: their least, greatest and mean value. */
export interface ThinPoint {
  readonly x: number;
  readonly low: number;
  readonly high: number;
  readonly mean: number;
  readonly count: number;
}

/** At most `most` points; where several values share one, its least and greatest are theirs, so that no extreme is lost. */
export function thinned(
  values: readonly { readonly x: number; readonly y: number }[],
  most: number,
): ThinPoint[] {
  const per = Math.max(1, Math.ceil(values.length / most));
  const points: ThinPoint[] = [];
  for (let from = 0; from < values.length; from += per) points.push(merged(values.slice(from, from + per)));
  return points;
}

function merged(values: readonly { readonly x: number; readonly y: number }[]): ThinPoint {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  let sum = 0;
  for (const { y } of values) {
    low = Math.min(low, y);
    high = Math.max(high, y);
    sum += y;
  }
  const middle = values[Math.floor(values.length / 2)];
  return { x: middle?.x ?? 0, low, high, mean: sum / values.length, count: values.length };
}

/** Every n-th, so that at most `most` are left. */
export function everyNth<T>(items: readonly T[], most: number): readonly T[] {
  const step = Math.ceil(items.length / most);
  return step <= 1 ? items : items.filter((_, i) => i % step === 0);
}

/** Says so; null where all are drawn. */
export function everyNthNote(count: number, most: number, what: string): string | null {
  return count <= most ? null : `One in ${Math.ceil(count / most)} of ${count} ${what} is drawn.`;
}
