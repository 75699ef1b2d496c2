import { J_PER_mJ, type Seconds } from '../core/units.ts';
import { type PerRail, type Physics, perRail, type Rail } from './physics.ts';

/** Integrates the rails window by window, in the unit that the meter prints. */
export interface RailCounters {
  /** Whole millijoules of [start_s, end_s); windows must follow one another. */
  take(start_s: Seconds, end_s: Seconds): PerRail;
}

/**
 * Whole millijoules as the real meter shows them: what a window leaves over is carried into the next, so that nothing
 * is lost over many frames. Source: power-sources 2.3, `*_energy` are integers of 1 mJ.
 */
export function createRailCounters(physics: Physics): RailCounters {
  const carried_mJ: Record<Rail, number> = perRail(() => 0);
  return {
    take: (start_s, end_s) =>
      perRail((rail) => {
        const due_mJ = carried_mJ[rail] + physics.energy_J(rail, start_s, end_s) / J_PER_mJ;
        const whole_mJ = Math.floor(due_mJ);
        carried_mJ[rail] = due_mJ - whole_mJ;
        return whole_mJ;
      }),
  };
}
