import { cumulativeStdNormalProbability, probit } from 'simple-statistics';

/** One trial as other tools' intervals see it. `powers_W`: net power of each reading inside the request. */
export interface TrialFacts {
  readonly energy_J: number;
  readonly output_tok: number;
  readonly duration_s: number;
  readonly powers_W: readonly number[];
}

export type Interval = readonly [number, number];

const DRAWS = 500;

export const OTHER_INTERVALS = {
  'percentile bootstrap of trials': percentile,
  'BCa bootstrap of trials': accelerated,
  'studentised bootstrap of trials': studentised,
  '1.96·sd/√n of per-trial ratios': normalOfRatios,
  'i.i.d. bootstrap of power readings': readings,
} as const;
export type OtherInterval = keyof typeof OTHER_INTERVALS;

type Pick = (below: number) => number;

function percentile(trials: readonly TrialFacts[], pick: Pick): Interval {
  const values = drawnRatios(trials, pick);
  return [quantileOfSorted(values, 0.025), quantileOfSorted(values, 0.975)];
}

/** Bias-corrected and accelerated; acceleration by the jackknife. Source: Efron & Tibshirani, 1993, §14.3. */
function accelerated(trials: readonly TrialFacts[], pick: Pick): Interval {
  const value = ratioOf(trials);
  const values = drawnRatios(trials, pick);
  const below = values.filter((one) => one < value).length / values.length;
  const bias = probit(Math.min(1 - 1 / values.length, Math.max(1 / values.length, below)));
  const left = trials.map((_, i) => ratioOf(trials.filter((__, j) => j !== i)));
  const middle = left.reduce((sum, one) => sum + one, 0) / left.length;
  const cubes = left.reduce((sum, one) => sum + (middle - one) ** 3, 0);
  const squares = left.reduce((sum, one) => sum + (middle - one) ** 2, 0);
  const acceleration = squares > 0 ? cubes / (6 * squares ** 1.5) : 0;
  const end = (part: number): number => {
    const z = bias + probit(part);
    return quantileOfSorted(values, cumulativeStdNormalProbability(bias + z / (1 - acceleration * z)));
  };
  return [end(0.025), end(0.975)];
}

function studentised(trials: readonly TrialFacts[], pick: Pick): Interval {
  const value = ratioOf(trials);
  const error = errorOf(trials, value);
  const scores: number[] = [];
  for (let draw = 0; draw < DRAWS; draw++) {
    const again = drawn(trials, pick);
    const own = ratioOf(again);
    const ownError = errorOf(again, own);
    if (ownError > 1e-9 * error) scores.push((own - value) / ownError);
  }
  scores.sort((a, b) => a - b);
  return [value - quantileOfSorted(scores, 0.975) * error, value - quantileOfSorted(scores, 0.025) * error];
}

function normalOfRatios(trials: readonly TrialFacts[]): Interval {
  const values = trials.map(({ energy_J, output_tok }) => energy_J / output_tok);
  const middle = values.reduce((sum, one) => sum + one, 0) / values.length;
  const squares = values.reduce((sum, one) => sum + (one - middle) ** 2, 0);
  const half = 1.96 * Math.sqrt(squares / (values.length - 1) / values.length);
  return [middle - half, middle + half];
}

/** All power readings as if they were independent: what resampling a power series does. */
function readings(trials: readonly TrialFacts[], pick: Pick): Interval {
  const powers_W = trials.flatMap((trial) => trial.powers_W);
  const sum = (of: (trial: TrialFacts) => number): number =>
    trials.reduce((all, trial) => all + of(trial), 0);
  const perWatt = sum(({ duration_s }) => duration_s) / sum(({ output_tok }) => output_tok);
  const values = Array.from({ length: DRAWS }, () => {
    let total_W = 0;
    for (let i = 0; i < powers_W.length; i++) total_W += powers_W[pick(powers_W.length)] ?? 0;
    return (total_W / powers_W.length) * perWatt;
  }).sort((a, b) => a - b);
  return [quantileOfSorted(values, 0.025), quantileOfSorted(values, 0.975)];
}

function ratioOf(trials: readonly TrialFacts[]): number {
  let over = 0;
  let under = 0;
  for (const { energy_J, output_tok } of trials) {
    over += energy_J;
    under += output_tok;
  }
  return over / under;
}

function errorOf(trials: readonly TrialFacts[], value: number): number {
  let squares = 0;
  let under = 0;
  for (const { energy_J, output_tok } of trials) {
    squares += (energy_J - value * output_tok) ** 2;
    under += output_tok;
  }
  return Math.sqrt((trials.length * squares) / (trials.length - 1)) / under;
}

function drawnRatios(trials: readonly TrialFacts[], pick: Pick): number[] {
  return Array.from({ length: DRAWS }, () => ratioOf(drawn(trials, pick))).sort((a, b) => a - b);
}

function drawn(trials: readonly TrialFacts[], pick: Pick): TrialFacts[] {
  return trials.flatMap(() => trials[pick(trials.length)] ?? []);
}

function quantileOfSorted(values: readonly number[], part: number): number {
  const place = Math.min(1, Math.max(0, part)) * (values.length - 1);
  const low = values[Math.floor(place)] ?? Number.NaN;
  return low + (place - Math.floor(place)) * ((values[Math.floor(place) + 1] ?? low) - low);
}
