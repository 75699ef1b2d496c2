import type { Watts } from '../../src/core/units.ts';

/** Headroom over the limit set for a board: boards overshoot it for parts of a second. A declared assumption. */
const OVERSHOOT = 1.2;
/** Where no limit is stated. Source: the largest boards of 2025 have limits of 1,000 to 1,400 W, all of which state them. */
const UNSTATED_LIMIT_W: Watts = 1000;
/** From here on a reading is no overshoot: a declared assumption, wide enough for boards without a stated limit. */
const IMPLAUSIBLE_RATIO = 2;
/** A board that reads this many times its limit is read in milliwatts: 3 % of the limit, its idle power, already shows it. */
const UNIT_RATIO = 30;
/** Load from which on a board cannot draw nothing. */
const BUSY_RATIO = 0.5;

/** Declared most power of a board, for bounds. */
export function maxPower_W(limit_W: Watts | null): Watts {
  return limit_W === null ? UNSTATED_LIMIT_W : limit_W * OVERSHOOT;
}

export type PowerVerdict = 'fits' | 'negative' | 'implausible' | 'unit' | 'zero-under-load';

/**
 * Judges one reading by the limit stated for its board. Boards without one are laptops' and integrated ones, of some
 * hundred watts at most: what is beyond the widest limit there is an integrated GPU's 15 W printed as 15000.
 */
export function judgePower(
  power_W: Watts,
  { limit_W, loadRatio }: { readonly limit_W: Watts | null; readonly loadRatio: number | null },
): PowerVerdict {
  if (power_W < 0) return 'negative';
  const most_W = IMPLAUSIBLE_RATIO * (limit_W ?? UNSTATED_LIMIT_W);
  if (power_W > most_W) {
    return limit_W === null || power_W > UNIT_RATIO * limit_W ? 'unit' : 'implausible';
  }
  return power_W === 0 && loadRatio !== null && loadRatio >= BUSY_RATIO ? 'zero-under-load' : 'fits';
}
