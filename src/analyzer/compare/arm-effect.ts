import { sumOf } from '../ratio-interval.ts';

/** One trial: which arm (0 reference, 1 candidate), when, which prompt, and the logarithm of its J/token. */
export interface Observation {
  readonly arm: 0 | 1;
  readonly at_s: number;
  readonly stratum: string;
  readonly logValue: number;
}

/** Least-squares estimate of the arm's coefficient in log J/token. */
export interface ArmEffect {
  readonly effect: number;
  readonly standardError: number;
  readonly df: number;
  /** Coefficient of time over the whole span of the observations; null where it was not estimated. */
  readonly drift: number | null;
  /** Standard deviation of the residuals. */
  readonly spread: number;
}

/**
 * Least mean square of time that prompts and arms leave over, in units of the span. Evenly spread times have 1/12, one arm
 * after the other 1/48; below this the trend is a copy of the arm, or a prompt has too few repetitions to show one.
 */
const TREND_LEAST = 1 / 200;

/**
 * Ordinary least squares of log J/token on prompt, arm and a linear trend. Prompts are taken out by their means, which
 * leaves the other coefficients as they are (Frisch & Waugh 1933; Lovell 1963). Null where no prompt was answered by
 * both arms, or where no degree of freedom is left. Source: METHOD §6.
 */
export function armEffect(observations: readonly Observation[]): ArmEffect | null {
  const span_s = spanOf(observations.map(({ at_s }) => at_s));
  const rows = withoutStrata(observations, span_s);
  const strata = new Set(observations.map(({ stratum }) => stratum)).size;
  const { arms, cross, times, armLog, timeLog } = products(rows);
  if (!(arms > 0)) return null;
  const determinant = arms * times - cross ** 2;
  const hasTrend = determinant > TREND_LEAST * observations.length * arms;
  const df = observations.length - strata - (hasTrend ? 2 : 1);
  if (df < 1) return null;
  const effect = hasTrend ? (times * armLog - cross * timeLog) / determinant : armLog / arms;
  const slope = hasTrend ? (arms * timeLog - cross * armLog) / determinant : 0;
  const squares = sumOf(rows.map(({ arm, time, log }) => (log - effect * arm - slope * time) ** 2));
  const variance = squares / df;
  return {
    effect,
    standardError: Math.sqrt(variance * (hasTrend ? times / determinant : 1 / arms)),
    df,
    drift: hasTrend ? slope : null,
    spread: Math.sqrt(variance),
  };
}

interface Row {
  readonly arm: number;
  /** In units of the whole span. */
  readonly time: number;
  readonly log: number;
}

function withoutStrata(observations: readonly Observation[], span_s: number): Row[] {
  const groups = new Map<string, Row[]>();
  for (const { arm, at_s, stratum, logValue } of observations) {
    const group = groups.get(stratum) ?? [];
    group.push({ arm, time: span_s > 0 ? at_s / span_s : 0, log: logValue });
    groups.set(stratum, group);
  }
  return [...groups.values()].flatMap(centred);
}

function centred(rows: readonly Row[]): Row[] {
  const meanOf = (value: (row: Row) => number): number => sumOf(rows.map(value)) / rows.length;
  const arm = meanOf((row) => row.arm);
  const time = meanOf((row) => row.time);
  const log = meanOf((row) => row.log);
  return rows.map((row) => ({ arm: row.arm - arm, time: row.time - time, log: row.log - log }));
}

function products(rows: readonly Row[]) {
  const sumOver = (value: (row: Row) => number): number => sumOf(rows.map(value));
  return {
    arms: sumOver((row) => row.arm ** 2),
    cross: sumOver((row) => row.arm * row.time),
    times: sumOver((row) => row.time ** 2),
    armLog: sumOver((row) => row.arm * row.log),
    timeLog: sumOver((row) => row.time * row.log),
  };
}

function spanOf(times_s: readonly number[]): number {
  return (
    times_s.reduce((most, at_s) => Math.max(most, at_s), Number.NEGATIVE_INFINITY) - Math.min(...times_s)
  );
}
