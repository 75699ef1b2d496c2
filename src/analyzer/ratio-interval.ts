import { type MeanError, NO_ERROR, pooledError } from './half-width.ts';
import { studentT } from './student-t.ts';

/** One trial of a ratio Σover/Σunder. `stratum`: what varies on purpose, the prompt. */
export interface RatioItem {
  readonly over: number;
  readonly under: number;
  readonly stratum: string;
}

export type Interval = readonly [number, number];

const RATIO_95 = 0.975;

/** Σover/Σunder; null without items or above nothing. */
export function ratioOf(items: readonly RatioItem[]): number | null {
  const under = sumOf(items.map((item) => item.under));
  return items.length > 0 && under > 0 ? sumOf(items.map((item) => item.over)) / under : null;
}

/**
 * 95 % interval of Σover/Σunder by the linearised ratio: residuals over − R·under, their variance within each stratum
 * only, degrees of freedom by Welch–Satterthwaite, pooled with `shared` (what all trials err by in common, in units of R). Null where a stratum has a single trial: it shows no spread. Source: METHOD §5.1; Cochran, 'Sampling
 * Techniques', §6.
 */
export function ratioInterval(items: readonly RatioItem[], shared = NO_ERROR): Interval | null {
  const value = ratioOf(items);
  if (value === null) return null;
  const under = sumOf(items.map((item) => item.under));
  let variance = 0;
  let variancePerDf = 0;
  for (const residuals of residualsByStratum(items, value)) {
    if (residuals.length < 2) return null;
    const mean = sumOf(residuals) / residuals.length;
    const squares = sumOf(residuals.map((residual) => (residual - mean) ** 2));
    const term = (residuals.length * squares) / (residuals.length - 1);
    variance += term;
    variancePerDf += term ** 2 / (residuals.length - 1);
  }
  const df = variancePerDf > 0 ? variance ** 2 / variancePerDf : 1;
  const own: MeanError = { halfWidth: (studentT(RATIO_95, df) * Math.sqrt(variance)) / under, df };
  const { halfWidth } = pooledError([own, shared]);
  return [value - halfWidth, value + halfWidth];
}

/**
 * Residuals in the order of the items, each less the mean of its stratum: their order shows whether successive trials
 * resemble each other, while that some prompts cost more than others is no resemblance.
 */
export function residualsOf(items: readonly RatioItem[]): number[] {
  const value = ratioOf(items) ?? 0;
  const means = new Map<string, { sum: number; n: number }>();
  for (const { over, stratum, under } of items) {
    const mean = means.get(stratum) ?? { sum: 0, n: 0 };
    mean.sum += over - value * under;
    mean.n += 1;
    means.set(stratum, mean);
  }
  return items.map(({ over, stratum, under }) => {
    const { n, sum } = means.get(stratum) ?? { n: 1, sum: 0 };
    return over - value * under - sum / n;
  });
}

function residualsByStratum(items: readonly RatioItem[], value: number): number[][] {
  const strata = new Map<string, number[]>();
  for (const item of items) {
    const residuals = strata.get(item.stratum) ?? [];
    residuals.push(item.over - value * item.under);
    strata.set(item.stratum, residuals);
  }
  return [...strata.values()];
}

export function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
