import type { Joules, Seconds, Watts } from '../core/units.ts';
import { type PerRail, type Physics, perRail } from './physics.ts';

/** What the lab's machine draws beside its rails: display, storage, supply. */
export const REST_W: Watts = 6;

/** Mean power of each rail since the reading before. */
export function railMeans(physics: Physics, from_s: Seconds) {
  let last_s = from_s;
  let last_W: PerRail = perRail(() => 0);
  return {
    /** A second reading at one time repeats the first. */
    take: (at_s: Seconds): PerRail => {
      if (at_s <= last_s) return last_W;
      last_W = perRail((rail) => physics.energy_J(rail, last_s, at_s) / (at_s - last_s));
      last_s = at_s;
      return last_W;
    },
  };
}

/** Energy of each rail since the lab began. */
export function railEnergies(physics: Physics, origin_s: Seconds) {
  let last_s = origin_s;
  let sums_J: PerRail = perRail(() => 0);
  return {
    take: (at_s: Seconds): Readonly<Record<keyof PerRail, Joules>> => {
      const to_s = Math.max(last_s, at_s);
      const before_J = sums_J;
      sums_J = perRail((rail) => before_J[rail] + physics.energy_J(rail, last_s, to_s));
      last_s = to_s;
      return sums_J;
    },
  };
}
