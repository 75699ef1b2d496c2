import type { Watts } from '../../src/core/units.ts';
import { mW_PER_W } from '../../src/core/units.ts';

/** Headroom over the limit set for a board: boards overshoot it for parts of a second. A declared assumption. */
const OVERSHOOT = 1.2;
/** Where no limit is stated. Source: the largest boards of 2025 have limits of 1,000 to 1,400 W, all of which state them. */
const UNSTATED_LIMIT_W: Watts = 1000;
/** From here on a reading is no overshoot: a declared assumption, wide enough for boards without a stated limit. */
const IMPLAUSIBLE_RATIO = 2;
/** A board that reads this many times its limit is read in milliwatts: 3 % of the limit, its idle power, already shows it. */
const UNIT_RATIO = 30;
/** A board that works and reads less than this part of its limit is read in kilowatts, or not at all. */
const BUSY_RATIO = 0.5;

/** Declared most power of a board, for bounds. */
export function maxPower_W(limit_W: Watts | null): Watts {
  return limit_W === null ? UNSTATED_LIMIT_W : limit_W * OVERSHOOT;
}

export type PowerVerdict = 'fits' | 'negative' | 'implausible' | 'unit' | 'zero-under-load';

/** Judges one reading by the limit stated for its board, or the widest. */
export function judgePower(
  power_W: Watts,
  { limit_W, loadRatio }: { readonly limit_W: Watts | null; readonly loadRatio: number | null },
): PowerVerdict {
  const most_W = limit_W ?? UNSTATED_LIMIT_W;
  if (power_W < 0) return 'negative';
  if (power_W > Math.min(UNIT_RATIO * most_W, UNIT_RATIO * UNSTATED_LIMIT_W)) return 'unit';
  if (power_W > IMPLAUSIBLE_RATIO * most_W) return couldBe_mW(power_W, limit_W) ? 'unit' : 'implausible';
  const busy = loadRatio !== null && loadRatio >= BUSY_RATIO;
  return busy && power_W === 0 ? 'zero-under-load' : 'fits';
}

/** Without a stated limit only a whole thousandth tells: an integrated GPU's 15 W reads 15000. */
function couldBe_mW(power_W: Watts, limit_W: Watts | null): boolean {
  return limit_W === null && power_W / mW_PER_W >= 1;
}
