/** An exact power of two: multiplying is quicker than dividing and gives the same. */
const PER_STATE = 2 ** -32;

/**
 * Uniform whole numbers in [0, below) that follow from the seed alone, so that the same recording gives the same bytes.
 * Weyl sequence through a multiplicative mix of 32 bits (mulberry32), scaled by multiplication; below ≤ 2³¹.
 */
export function seededPicks(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor(((mixed ^ (mixed >>> 14)) >>> 0) * below * PER_STATE);
  };
}
