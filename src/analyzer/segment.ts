import type { Seconds } from '../core/units.ts';
import { lowerSlope } from './lower-hull.ts';
import { at } from './search.ts';

/** Segments this long get a clock rate of their own, and a new least delay this often. Source: METHOD §2. */
const RATE_WINDOW_S = 300;
/** No two oscillators of one machine differ by more; what the hull says beyond is not a rate. Source: METHOD §2. */
const RATE_LIMIT = 500e-6;

/** How the chain of one unbroken segment lies on the run's clock: `place(chain)` = true time of the chain's point. */
export interface SegmentFit {
  readonly place: (chain_s: Seconds) => Seconds;
  /** Frames behind the scarcest least delay: with n of them it lies about 1/n of the mean delay too late. */
  readonly framesPerMinimum: number;
  /** The fitted rate was beyond 500 ppm and ignored. */
  readonly rateRefused: boolean;
}

/**
 * Fits one segment: rate on the lower hull, then the least delay of each 300 s, interpolated between their middles. One
 * that is too short for a rate of its own takes `sourceRate`: it is the same oscillator.
 */
export function fitSegment(chain_s: Float64Array, delay_s: Float64Array, sourceRate = 0): SegmentFit {
  const origin_s = at(chain_s, 0);
  const span_s = at(chain_s, chain_s.length - 1) - origin_s;
  const own = rateOf(chain_s, delay_s);
  const rate = own === null ? sourceRate : own.refused ? 0 : own.rate;
  const rateRefused = own?.refused ?? false;
  const windows = Math.max(1, Math.floor(span_s / RATE_WINDOW_S));
  const least = leastDelays({ chain_s, delay_s, rate, windows });
  const step_s = span_s / windows;
  return {
    place: (t_s) => {
      const offset_s = interpolated(least.delay_s, (t_s - origin_s) / step_s - 0.5);
      return t_s + rate * (t_s - origin_s) + offset_s;
    },
    framesPerMinimum: least.framesFewest,
    rateRefused,
  };
}

/** Clock rate of a segment, and whether it is beyond what an oscillator does; null where it is too short for one. */
export function rateOf(
  chain_s: Float64Array,
  delay_s: Float64Array,
): { readonly rate: number; readonly refused: boolean } | null {
  if (!(at(chain_s, chain_s.length - 1) - at(chain_s, 0) > RATE_WINDOW_S)) return null;
  const rate = lowerSlope(chain_s, delay_s);
  return { rate, refused: Math.abs(rate) > RATE_LIMIT };
}

interface DelayWindows {
  readonly chain_s: Float64Array;
  readonly delay_s: Float64Array;
  readonly rate: number;
  readonly windows: number;
}

function leastDelays(given: DelayWindows): { delay_s: Float64Array; framesFewest: number } {
  const { chain_s, delay_s, rate, windows } = given;
  const origin_s = at(chain_s, 0);
  const step_s = (at(chain_s, chain_s.length - 1) - origin_s) / windows;
  const least_s = new Float64Array(windows).fill(Number.POSITIVE_INFINITY);
  const frames = new Float64Array(windows);
  for (let i = 0; i < chain_s.length; i++) {
    const along_s = at(chain_s, i) - origin_s;
    const w = step_s > 0 ? Math.min(windows - 1, Math.floor(along_s / step_s)) : 0;
    least_s[w] = Math.min(at(least_s, w), at(delay_s, i) - rate * along_s);
    frames[w] = at(frames, w) + 1;
  }
  fillEmpty(least_s);
  return { delay_s: least_s, framesFewest: Math.max(1, Math.min(...frames)) };
}

/** A window without a frame (one frame wider than 300 s) takes its predecessor's delay. */
function fillEmpty(least_s: Float64Array): void {
  for (let w = 1; w < least_s.length; w++) {
    if (at(least_s, w) === Number.POSITIVE_INFINITY) least_s[w] = at(least_s, w - 1);
  }
}

/** Linear between values that stand at 0, 1, 2 …; constant beyond the ends. */
function interpolated(values: Float64Array, place: number): number {
  if (!(place > 0)) return at(values, 0);
  if (place >= values.length - 1) return at(values, values.length - 1);
  const below = Math.floor(place);
  return at(values, below) + (place - below) * (at(values, below + 1) - at(values, below));
}
