import { studentT } from './student-t.ts';

/** One observation: the value to explain and its regressors, without the constant. */
export interface RegressionItem {
  readonly value: number;
  readonly regressors: readonly number[];
}

export interface Coefficient {
  readonly value: number;
  /** Of the 95 % interval. */
  readonly halfWidth: number;
}

/** Coefficients in the order constant, regressors; residuals in the order of the items. */
export interface Regression {
  readonly coefficients: readonly Coefficient[];
  readonly residuals: readonly number[];
}

const RATIO_95 = 0.975;
/** Observations beyond the coefficients: with fewer, residuals tell little of the error. */
const FREEDOM_LEAST = 4;

/**
 * Ordinary least squares with 95 % intervals by HC3 (each residual divided by what its own weight in the fit leaves of
 * it), which hold whether the error is the same everywhere or grows with the value, as that of energies does: on
 * `energy-grid-v1` the textbook interval of decode covers 81 % then, this one 94 %. Null with fewer than four observations to spare, or where regressors depend on
 * each other. Source: MacKinnon & White, J. Econometrics 29 (1985) 305.
 */
export function leastSquares(items: readonly RegressionItem[]): Regression | null {
  const width = (items[0]?.regressors.length ?? 0) + 1;
  const freedom = items.length - width;
  if (freedom < FREEDOM_LEAST) return null;
  const scale = scaleOf(items, width);
  const rows = items.map(({ regressors }) => [1, ...regressors].map((x, j) => x / cell(scale, j)));
  const inverse = inverted(crossProducts(rows, width));
  if (inverse === null) return null;
  /** Row i of X(XᵀX)⁻¹: what observation i adds to each coefficient. */
  const weights = rows.map((row) => inverse.map((line) => dot(line, row)));
  const values = scale.map((_, j) =>
    dot(
      weights.map((weight) => cell(weight, j)),
      items.map((item) => item.value),
    ),
  );
  const residuals = rows.map((row, i) => (items[i]?.value ?? 0) - dot(row, values));
  const coefficients = values.map((value, j): Coefficient => {
    const terms = rows.map((row, i) => {
      const own = weights[i] ?? [];
      return ((cell(own, j) * cell(residuals, i)) / (1 - dot(own, row))) ** 2;
    });
    return { value: value / cell(scale, j), halfWidth: halfWidthOf(terms, freedom) / cell(scale, j) };
  });
  return coefficients.every(({ halfWidth }) => Number.isFinite(halfWidth))
    ? { coefficients, residuals }
    : null;
}

/**
 * From the terms that a coefficient's variance is the sum of. A few long requests may hold most of it: degrees of
 * freedom by Satterthwaite, with σ⁴ = ⅓E(e⁴), at most those of the fit.
 */
function halfWidthOf(terms: readonly number[], freedom: number): number {
  const variance = terms.reduce((sum, term) => sum + term, 0);
  if (variance === 0) return 0;
  const df = Math.min(freedom, (3 * variance ** 2) / dot(terms, terms));
  return studentT(RATIO_95, df) * Math.sqrt(variance);
}

/** Greatest variance inflation 1/(1 − R²) of any regressor explained by the others; infinite where one is constant. */
export function varianceInflation(items: readonly RegressionItem[]): number {
  const width = items[0]?.regressors.length ?? 0;
  const columns = Array.from({ length: width }, (_, j) =>
    standardised(items.map((item) => cell(item.regressors, j))),
  );
  const correlations = columns.map((one) => columns.map((other) => dot(one, other)));
  const inverse = inverted(correlations);
  if (inverse === null) return Number.POSITIVE_INFINITY;
  const inflations = inverse.map((line, j) => cell(line, j));
  return inflations.every((one) => one >= 1 - ROUNDING) ? Math.max(...inflations) : Number.POSITIVE_INFINITY;
}

const ROUNDING = 1e-9;

/** Greatest absolute value of each column, so that tokens and their products are of one size. */
function scaleOf(items: readonly RegressionItem[], width: number): number[] {
  return Array.from({ length: width }, (_, j) =>
    j === 0
      ? 1
      : items.reduce((most, { regressors }) => Math.max(most, Math.abs(cell(regressors, j - 1))), 0) || 1,
  );
}

/** Centred and of length 1; all NaN where nothing varies. */
function standardised(values: readonly number[]): number[] {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const centred = values.map((value) => value - mean);
  const length = Math.sqrt(dot(centred, centred));
  return centred.map((value) => value / length);
}

function crossProducts(rows: readonly (readonly number[])[], width: number): number[][] {
  const columns = Array.from({ length: width }, (_, j) => rows.map((row) => cell(row, j)));
  return columns.map((one) => columns.map((other) => dot(one, other)));
}

/** Inverse of a symmetric positive matrix by Gauss–Jordan with pivoting; null where it is singular to rounding. */
function inverted(matrix: readonly (readonly number[])[]): number[][] | null {
  const n = matrix.length;
  const rows = matrix.map((row, i) => [...row, ...row.map((_, j) => (i === j ? 1 : 0))]);
  const greatest = Math.max(...matrix.map((row, i) => Math.abs(cell(row, i))));
  for (let column = 0; column < n; column++) {
    const below = rows.slice(column).map((row) => Math.abs(cell(row, column)));
    const pivot = column + below.indexOf(Math.max(...below));
    const [chosen, first] = [rows[pivot], rows[column]];
    if (chosen === undefined || first === undefined) return null;
    if (!(Math.abs(cell(chosen, column)) > SINGULAR * greatest)) return null;
    rows[pivot] = first;
    rows[column] = chosen.map((value) => value / cell(chosen, column));
    for (const [i, row] of rows.entries()) {
      if (i === column) continue;
      const factor = cell(row, column);
      rows[i] = row.map((value, j) => value - factor * cell(rows[column] ?? [], j));
    }
  }
  return rows.map((row) => row.slice(n));
}

const SINGULAR = 1e-11;

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, i) => sum + value * cell(b, i), 0);
}

function cell(values: readonly number[], index: number): number {
  return values[index] ?? Number.NaN;
}
