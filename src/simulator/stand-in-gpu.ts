import type { Joules, Seconds, Watts } from '../core/units.ts';
import type { Physics } from './physics.ts';

/** The board's own sensor gives a new value this often. Source: power-sources 2.1, NVIDIA. */
const UPDATE_s: Seconds = 0.1;
const AVERAGING_s: Seconds = 1;
/** Power at which the board counts as fully busy, and its limit. */
const FULL_W: Watts = 24;
export const GPU_LIMIT_W: Watts = 80;

/** The GPU rail of the lab's machine as a board's sensors show it. */
export interface GpuSensors {
  /** Mean over the sensor's last whole period. */
  instant_W(at_s: Seconds): Watts;
  /** Running mean over the last second, new once a period. */
  average_W(at_s: Seconds): Watts;
  /** Cumulative since the lab began; `at_s` must not fall. */
  energy_J(at_s: Seconds): Joules;
  /** 0–1. */
  loadRatio(at_s: Seconds): number;
}

export function createGpuSensors(physics: Physics, origin_s: Seconds): GpuSensors {
  let counted_s = origin_s;
  let counted_J = 0;
  const published_s = (at_s: Seconds): Seconds => Math.floor(at_s / UPDATE_s) * UPDATE_s;
  const mean_W = (at_s: Seconds, width_s: Seconds): Watts =>
    physics.energy_J('gpu', at_s - width_s, at_s) / width_s;
  return {
    instant_W: (at_s) => mean_W(published_s(at_s), UPDATE_s),
    average_W: (at_s) => mean_W(published_s(at_s), AVERAGING_s),
    energy_J: (at_s) => {
      counted_J += physics.energy_J('gpu', counted_s, at_s);
      counted_s = Math.max(counted_s, at_s);
      return counted_J;
    },
    loadRatio: (at_s) => Math.min(1, mean_W(published_s(at_s), UPDATE_s) / FULL_W),
  };
}
