import { gammaln } from 'simple-statistics';

/** Relative width of the last interval when halving. */
const RESOLUTION = 1e-13;
/** Continued fraction: terms, and the change at which it has converged. */
const TERMS = 500;
const CONVERGED = 1e-15;
const TINY = 1e-300;

/**
 * Quantile of Student's t: `studentT(0.975, 9)` = 2.262. `ratio` in (0.5, 1), real degrees of freedom > 0.
 * Found by halving on x = df/(df + t²), for which P(|T| > t) = I_x(df/2, ½). Source: DLMF 8.17, Abramowitz & Stegun 26.7.1.
 */
export function studentT(ratio: number, df: number): number {
  const tail = 2 * (1 - ratio);
  let low = 0;
  let high = 1;
  while (high - low > RESOLUTION * high) {
    const middle = (low + high) / 2;
    if (incompleteBeta(middle, df / 2, 0.5) < tail) low = middle;
    else high = middle;
  }
  return Math.sqrt((df * (1 - high)) / high);
}

/** Regularised incomplete beta function I_x(a, b). Source: DLMF 8.17.22 with the symmetry 8.17.4. */
export function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(1 - x, b, a);
  const front = Math.exp(gammaln(a + b) - gammaln(a) - gammaln(b) + a * Math.log(x) + b * Math.log1p(-x));
  return front / (a * continuedFraction(x, a, b));
}

/** 1 + d₁/(1 + d₂/(1 + …)) by the modified Lentz method. */
function continuedFraction(x: number, a: number, b: number): number {
  let value = 1;
  let c = 1;
  let d = 0;
  for (let term = 1; term <= TERMS; term++) {
    const coefficient = coefficientOf(term, { x, a, b });
    d = 1 / nonZero(1 + coefficient * d);
    c = nonZero(1 + coefficient / c);
    value *= c * d;
    if (Math.abs(c * d - 1) < CONVERGED) break;
  }
  return value;
}

function coefficientOf(
  term: number,
  at: { readonly x: number; readonly a: number; readonly b: number },
): number {
  const { x, a, b } = at;
  const m = Math.floor(term / 2);
  if (term % 2 === 0) return (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
  return -((a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
}

function nonZero(value: number): number {
  return Math.abs(value) < TINY ? TINY : value;
}
