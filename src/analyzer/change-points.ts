import { seededPicks } from './random.ts';

/** Where a sequence goes over to another level. */
export interface ChangePoint {
  /** Index of the first value of the new level. */
  readonly at: number;
  /** Part of the orderings of the same values that show a split at least as clear, 0–1. */
  readonly p: number;
}

export interface ChangeRule {
  /** A split is kept up to this p. */
  readonly p: number;
  /** Values on either side of a split: one odd value is no level. */
  readonly least: number;
  /** Splits between levels that lie closer are not kept; same unit as the values. */
  readonly step: number;
}

const ORDERINGS = 999;

/** The part of a stretch that stands out: [from, to), of which one end may be the stretch's own. */
interface Stand {
  readonly from: number;
  readonly to: number;
  /** n₁n₂/n·(m₁ − m₂)², which for given values grows with |t| of the two-sample t-test. */
  readonly clarity: number;
}

type Search = (values: readonly number[], least: number) => Stand | null;

/**
 * Binary segmentation: the clearest split of a stretch is kept where a permutation test of it says so, then each side is
 * searched in turn; where no split holds, the clearest inner part is tried in the same way, so that a level that came and
 * went is found. The tests are exact for values in chance order, whatever their distribution, and take the choice of the
 * place into account: a stretch without a change shows one with a chance of about 2p. A slow drift comes out as steps. Source: Scott & Knott 1974; Olshen et al. 2004 (inner part); Good, Permutation Tests.
 */
export function changePoints(values: readonly number[], rule: ChangeRule): ChangePoint[] {
  const found: ChangePoint[] = [];
  const search = (from: number, to: number): void => {
    const stretch = values.slice(from, to);
    const stand = significantOne(stretch, rule);
    if (stand === null) return;
    const edges = [stand.from, stand.to].filter((at) => at > 0 && at < stretch.length).map((at) => from + at);
    for (const [i, at] of edges.entries()) {
      search(edges[i - 1] ?? from, at);
      found.push({ at, p: stand.p });
    }
    search(edges.at(-1) ?? from, to);
  };
  search(0, values.length);
  return withoutSmallSteps(values, found, rule.step);
}

function significantOne(
  values: readonly number[],
  rule: ChangeRule,
): (Stand & { readonly p: number }) | null {
  for (const search of [clearestSplit, clearestPart]) {
    const stand = search(values, rule.least);
    if (stand === null) return null;
    const p = partAsClear(values, { search, stand, least: rule.least });
    if (p <= rule.p) return { ...stand, p };
  }
  return null;
}

/** After the search: a level between two alike ones would be lost if its first split had to be large. */
function withoutSmallSteps(
  values: readonly number[],
  found: readonly ChangePoint[],
  step: number,
): ChangePoint[] {
  const edges = [0, ...found.map(({ at }) => at), values.length];
  const levels = edges.slice(1).map((to, i) => meanOf(values.slice(edges[i], to)));
  const steps = found.map((_, i) => Math.abs((levels[i + 1] ?? 0) - (levels[i] ?? 0)));
  const least = Math.min(...steps);
  if (found.length === 0 || least >= step) return [...found];
  return withoutSmallSteps(values, found.toSpliced(steps.indexOf(least), 1), step);
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

const clearestSplit: Search = (values, least) => {
  const sums = runningSums(values);
  let best: Stand | null = null;
  for (let at = least; at <= values.length - least; at++) {
    const clarity = clarityOf(sums, 0, at);
    if (best === null || clarity > best.clarity) best = { from: 0, to: at, clarity };
  }
  return best;
};

const clearestPart: Search = (values, least) => {
  const sums = runningSums(values);
  let best: Stand | null = null;
  for (let from = least; from <= values.length - 2 * least; from++) {
    for (let to = from + least; to <= values.length - least; to++) {
      const clarity = clarityOf(sums, from, to);
      if (best === null || clarity > best.clarity) best = { from, to, clarity };
    }
  }
  return best;
};

/** Of the part [from, to) against all the rest. */
function clarityOf(sums: Float64Array, from: number, to: number): number {
  const n = sums.length - 1;
  const inside = to - from;
  const sum = (sums[to] ?? 0) - (sums[from] ?? 0);
  const step = sum / inside - ((sums[n] ?? 0) - sum) / (n - inside);
  return ((inside * (n - inside)) / n) * step ** 2;
}

function runningSums(values: readonly number[]): Float64Array {
  const sums = new Float64Array(values.length + 1);
  for (const [i, value] of values.entries()) sums[i + 1] = (sums[i] ?? 0) + value;
  return sums;
}

interface Tested {
  readonly search: Search;
  readonly stand: Stand;
  readonly least: number;
}

/** The ordering found counts as one of those drawn, so that p is never 0. */
function partAsClear(values: readonly number[], { search, stand, least }: Tested): number {
  const pick = seededPicks(values.length);
  const drawn = [...values];
  // Equal clarity must not come out as less for being summed in another order.
  const limit = stand.clarity * (1 - 1e-9);
  let asClear = 1;
  for (let i = 0; i < ORDERINGS; i++) {
    shuffle(drawn, pick);
    if ((search(drawn, least)?.clarity ?? 0) >= limit) asClear++;
  }
  return asClear / (ORDERINGS + 1);
}

/** Fisher and Yates. */
function shuffle(values: number[], pick: (below: number) => number): void {
  for (let i = values.length - 1; i > 0; i--) {
    const j = pick(i + 1);
    const [a, b] = [values[i] ?? 0, values[j] ?? 0];
    values[i] = b;
    values[j] = a;
  }
}
