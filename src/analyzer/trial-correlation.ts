import { seededPicks } from './random.ts';
import { type RatioItem, residualsOf } from './ratio-interval.ts';
import { at } from './search.ts';

/** Trials beyond one of each prompt below which a correlation between neighbours says nothing. */
const TRIALS_LEAST = 8;
/** Orders that the trials' own is held against, and how many of these may show as much: one-sided 0.5 %. */
const ORDERS = 999;
const EXCEEDING_MOST = 4;
/** The analyzer knows no chance: the same recording gives the same answer. */
const SEED = 0x2b3c4d5e;

/**
 * Whether successive trials resemble each other more than in all but 0.5 % of orders drawn anew: products of neighbours'
 * residuals, exchanged within prompts only. Exact whatever the distribution, the number of prompts and their order,
 * where the normal limit of a lag-1 correlation says so up to ten times too often of prompts taken by turns.
 * Source: METHOD §5.1; Good, 'Permutation, Parametric and Bootstrap Tests', §3.
 */
export function areCorrelated(items: readonly RatioItem[]): boolean {
  const places = placesByStratum(items);
  if (items.length - places.length + 1 < TRIALS_LEAST) return false;
  const residuals = Float64Array.from(residualsOf(items));
  const observed = neighbourProducts(residuals);
  const pick = seededPicks(SEED);
  let exceeding = 0;
  for (let order = 0; order < ORDERS && exceeding <= EXCEEDING_MOST; order++) {
    for (const own of places) shuffle(residuals, own, pick);
    if (neighbourProducts(residuals) >= observed) exceeding++;
  }
  return exceeding <= EXCEEDING_MOST;
}

function placesByStratum(items: readonly RatioItem[]): number[][] {
  const places = new Map<string, number[]>();
  items.forEach(({ stratum }, i) => {
    const own = places.get(stratum) ?? [];
    own.push(i);
    places.set(stratum, own);
  });
  return [...places.values()];
}

function neighbourProducts(residuals: Float64Array): number {
  let sum = 0;
  for (let i = 1; i < residuals.length; i++) sum += at(residuals, i - 1) * at(residuals, i);
  return sum;
}

/** Fisher–Yates over the given places. */
function shuffle(values: Float64Array, places: readonly number[], pick: (below: number) => number): void {
  for (let left = places.length; left > 1; left--) {
    const [a, b] = [places[left - 1] ?? 0, places[pick(left)] ?? 0];
    const kept = at(values, a);
    values[a] = at(values, b);
    values[b] = kept;
  }
}
