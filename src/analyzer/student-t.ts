import { gammaln } from 'simple-statistics';

/** Relative change of x at which it is found; steps by which it is found at the latest. */
const RESOLUTION = 1e-14;
const STEPS_MOST = 2000;
/** From here on t is the normal distribution to eight digits, and x too close to 1 to be told from it. */
const FREEDOM_MOST = 1e8;
/** Continued fraction: terms, and the change at which it has converged. */
const TERMS = 500;
const CONVERGED = 1e-15;
const TINY = 1e-300;
/** The last digits of exp, log and pow differ between engines; no document may, so they are cut off. */
const DIGITS = 12;

/**
 * Quantile of Student's t: `studentT(0.975, 9)` = 2.262. `ratio` in (0.5, 1), real degrees of freedom > 0; NaN of NaN.
 * Newton's method on x = df/(df + t²), for which P(|T| > t) = I_x(df/2, ½), halving where a step leaves what is known to
 * hold x. Source: DLMF 8.17, Abramowitz & Stegun 26.7.1.
 */
export function studentT(ratio: number, freedom: number): number {
  if (Number.isNaN(freedom)) return Number.NaN;
  const df = Math.min(freedom, FREEDOM_MOST);
  const tail = 2 * (1 - ratio);
  const scale = Math.exp(gammaln((df + 1) / 2) - gammaln(df / 2) - gammaln(0.5));
  let low = 0;
  let high = 1;
  let x = 0.5;
  for (let step = 0; step < STEPS_MOST && x > 0; step++) {
    const excess = incompleteBeta(x, df / 2, 0.5) - tail;
    if (excess < 0) low = x;
    else high = x;
    const slope = (scale * x ** (df / 2 - 1)) / Math.sqrt(1 - x);
    const aimed = x - excess / slope;
    const next = aimed > low && aimed < high ? aimed : (low + high) / 2;
    if (Math.abs(next - x) <= RESOLUTION * next) break;
    x = next;
  }
  return Number(Math.sqrt((df * (1 - x)) / x).toPrecision(DIGITS));
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
