import { createHash } from 'node:crypto';

/** Mean and standard deviation of the sum of four independent bytes: 4·127.5 and √(4·(256² − 1)/12). */
const BYTES_MEAN = 510;
const BYTES_SPREAD = Math.sqrt((4 * (256 ** 2 - 1)) / 12);

export interface WeightsOf {
  readonly name: string;
  readonly seed: number;
  /** Standard deviation. */
  readonly spread: number;
}

/**
 * So many weights around 0. Each is the sum of the four bytes of one draw: near to normal, and exact on every machine,
 * since no logarithm or cosine has part in it. The same seed and name give the same weights.
 * Source of the draws: Doty-Humphrey, PractRand, sfc32.
 */
export function seededWeights(count: number, { name, seed, spread }: WeightsOf): Float32Array {
  const weights = new Float32Array(count);
  const digest = createHash('sha256').update(`${seed}:${name}`).digest();
  let a = digest.readInt32LE(0);
  let b = digest.readInt32LE(4);
  let c = digest.readInt32LE(8);
  let counter = digest.readInt32LE(12);
  const scale = spread / BYTES_SPREAD;
  for (let index = 0; index < count; index += 1) {
    const draw = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + draw) | 0;
    const sum = (draw & 0xff) + ((draw >>> 8) & 0xff) + ((draw >>> 16) & 0xff) + (draw >>> 24);
    weights[index] = (sum - BYTES_MEAN) * scale;
  }
  return weights;
}
