import { S_PER_MS, type Seconds } from '../core/units.ts';
import { uniformOf } from './noise.ts';

export interface CadenceSettings {
  readonly seed: number;
  readonly interval_ms: number;
  /** What the meter's own work adds to each window, and the mean of what comes on top by chance. */
  readonly extra_s: Seconds;
  readonly extraWobble_s: Seconds;
  /** From the end of a window to its frame's arrival: the least, and the mean of what comes on top by chance. */
  readonly delay_s: Seconds;
  readonly delayWobble_s: Seconds;
  /** Largest relative difference between the GPU block's window and the sample's. */
  readonly gpuSkewRatio: number;
}

/** Asked for 250 ms the real meter gives about 258. Source: power-sources 2.3 (actual against requested, GPU window). */
export const DEFAULT_CADENCE: Omit<CadenceSettings, 'seed' | 'interval_ms'> = {
  extra_s: 0.0065,
  extraWobble_s: 0.0015,
  delay_s: 0.003,
  delayWobble_s: 0.002,
  gpuSkewRatio: 0.0005,
};

/** Timing of the n-th frame, a pure function of the seed and n. */
export interface Cadence {
  width_s(frame: number): Seconds;
  delay_s(frame: number): Seconds;
  /** The GPU block's window divided by the sample's. */
  gpuRatio(frame: number): number;
}

const WIDTH_STREAM = 101;
const DELAY_STREAM = 102;
const SKEW_STREAM = 103;

export function createCadence(settings: CadenceSettings): Cadence {
  const { seed, interval_ms, extra_s, extraWobble_s, delay_s, delayWobble_s, gpuSkewRatio } = settings;
  const waiting = (stream: number, frame: number): number => -Math.log(1 - uniformOf(seed, stream, frame));
  return {
    width_s: (frame) => interval_ms * S_PER_MS + extra_s + extraWobble_s * waiting(WIDTH_STREAM, frame),
    delay_s: (frame) => delay_s + delayWobble_s * waiting(DELAY_STREAM, frame),
    gpuRatio: (frame) => 1 + gpuSkewRatio * (2 * uniformOf(seed, SKEW_STREAM, frame) - 1),
  };
}
