import { seededPicks } from './random.ts';
import { type Interval, type RatioItem, ratioOf, sumOf } from './ratio-interval.ts';
import { at, quantileOf } from './search.ts';

/** Below this many trials it is no check of anything. Source: METHOD §5.1. */
const TRIALS_LEAST = 10;
/** A prompt with fewer repetitions often comes up with one value only, and then without a spread. */
const STRATUM_LEAST = 5;
const DRAWS = 10_000;
/** Picks of a whole bootstrap: a second's work at the most. Larger runs need fewer draws for the same precision. */
const PICKS_MOST = 10_000_000;
/** A draw's variance relative to the trials' own, below which it is rounding. */
const VARIANCE_LEAST = 1e-9;
/** The analyzer knows no chance: the same recording gives the same interval. */
const SEED = 0x1a2b3c4d;

/**
 * 95 % interval of Σover/Σunder by the studentised bootstrap: trials are drawn with replacement within each stratum, and
 * each draw's distance from the ratio is divided by the draw's own standard error. A check of `ratioInterval`, whose
 * limits and strata it shares; null below ten trials, or five of any stratum. Source: METHOD §5.1; Davison & Hinkley,
 * 'Bootstrap Methods and their Application', §5.2.
 */
export function bootstrapInterval(items: readonly RatioItem[], shared = 0): Interval | null {
  const value = ratioOf(items);
  if (value === null || items.length < TRIALS_LEAST) return null;
  const strata = strataOf(items, value);
  if (strata.some(({ residual }) => residual.length < STRATUM_LEAST)) return null;
  const under = sumOf(items.map((item) => item.under));
  const variance = sumOf(strata.map(varianceOf));
  if (!(variance > 0)) return null;
  const deviation = Math.sqrt(variance) / under;
  const draws = Math.min(DRAWS, Math.ceil(PICKS_MOST / items.length));
  const scores = scoresOf(strata, draws, variance * VARIANCE_LEAST);
  const low = quantileOf(scores, 0.025);
  const high = quantileOf(scores, 0.975);
  return [value - Math.hypot(high * deviation, shared), value + Math.hypot(low * deviation, shared)];
}

/** What the draws of one stratum are summed from: residuals over − R·under, and under. */
interface Stratum {
  readonly residual: Float64Array;
  readonly under: Float64Array;
}

function strataOf(items: readonly RatioItem[], value: number): Stratum[] {
  const groups = new Map<string, RatioItem[]>();
  for (const item of items) {
    const group = groups.get(item.stratum) ?? [];
    group.push(item);
    groups.set(item.stratum, group);
  }
  return [...groups.values()].map((group) => ({
    residual: Float64Array.from(group, (item) => item.over - value * item.under),
    under: Float64Array.from(group, (item) => item.under),
  }));
}

/** Of the stratum's sum of residuals. */
function varianceOf({ residual }: Stratum): number {
  const n = residual.length;
  const mean = sumOf([...residual]) / n;
  return (n * sumOf([...residual].map((one) => (one - mean) ** 2))) / (n - 1);
}

/** (R* − R)/s* of each draw, sorted. A draw in which nothing varies tells no error and is left out. */
function scoresOf(strata: readonly Stratum[], draws: number, least: number): Float64Array {
  const pick = seededPicks(SEED);
  const drawn = strata.map((stratum) => ({ stratum, sums: new Float64Array(SUMS) }));
  const scores = new Float64Array(draws);
  let count = 0;
  for (let draw = 0; draw < draws; draw++) {
    let residual = 0;
    let under = 0;
    for (const { stratum, sums } of drawn) {
      drawInto(sums, stratum, pick);
      residual += at(sums, 0);
      under += at(sums, 1);
    }
    let variance = 0;
    for (const { sums } of drawn) variance += varianceOfDraw(sums, residual / under);
    if (variance > least) scores[count++] = residual / Math.sqrt(variance);
  }
  return scores.subarray(0, count).sort();
}

/** Σr, Σu, Σr², Σr·u, Σu², n of one draw of one stratum. */
const SUMS = 6;

/** Numbers in place: this runs ten million times. */
function drawInto(sums: Float64Array, stratum: Stratum, pick: (below: number) => number): void {
  const n = stratum.residual.length;
  let residual = 0;
  let under = 0;
  let residual2 = 0;
  let product = 0;
  let under2 = 0;
  for (let k = 0; k < n; k++) {
    const chosen = pick(n);
    const r = at(stratum.residual, chosen);
    const u = at(stratum.under, chosen);
    residual += r;
    under += u;
    residual2 += r * r;
    product += r * u;
    under2 += u * u;
  }
  sums[0] = residual;
  sums[1] = under;
  sums[2] = residual2;
  sums[3] = product;
  sums[4] = under2;
  sums[5] = n;
}

/** Within a stratum the residuals of a draw are r − (R* − R)·u: their variance from the sums alone. */
function varianceOfDraw(sums: Float64Array, offset: number): number {
  const n = at(sums, 5);
  const total = at(sums, 0) - offset * at(sums, 1);
  const squares = at(sums, 2) - 2 * offset * at(sums, 3) + offset * offset * at(sums, 4);
  return Math.max(0, (n * squares - total * total) / (n - 1));
}
