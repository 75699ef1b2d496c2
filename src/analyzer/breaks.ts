import { at } from './search.ts';
import { slidingMinimum } from './sliding-minimum.ts';

/**
 * Where a chain of widths stops being unbroken. `known`: the parser said so · `late`: frames were lost, the delay
 * stays higher · `early`: the chain holds more time than passed, a frame came twice.
 */
export interface Break {
  readonly index: number;
  readonly sort: 'known' | 'late' | 'early';
}

/** Frames compared before and after. Source: METHOD §2. */
const FRAMES_COMPARED = 30;
/** With fewer frames to compare, a stall of the reader cannot be told from a loss. */
const FRAMES_LEAST = 10;

/**
 * Breaks of a chain, ascending. `delay_s` is arrival minus chained widths, per frame; `width_s` a typical width;
 * `known` the first frame after each known loss. A break lies where the least delay of the next 30 frames exceeds that
 * of the previous 30 by more than half a width: a stall delays some frames, a loss delays all that follow.
 */
export function findBreaks(delay_s: Float64Array, width_s: number, known: ReadonlySet<number>): Break[] {
  const least_s = slidingMinimum(delay_s, FRAMES_COMPARED);
  const breaks: Break[] = [];
  let start = 0;
  let leastSinceStart_s = at(delay_s, 0);
  for (let i = 1; i < delay_s.length; i++) {
    const behind = i - start;
    const before_s = behind >= FRAMES_COMPARED ? at(least_s, i - FRAMES_COMPARED) : leastSinceStart_s;
    const step_s = at(least_s, i) - before_s;
    if (known.has(i)) breaks.push({ index: i, sort: 'known' });
    else if (delay_s.length - i >= FRAMES_LEAST && step_s > width_s / 2)
      breaks.push({ index: i, sort: 'late' });
    else if (behind >= FRAMES_LEAST && at(delay_s, i) - before_s < -width_s / 2)
      breaks.push({ index: i, sort: 'early' });
    if (breaks.at(-1)?.index === i) {
      start = i;
      leastSinceStart_s = at(delay_s, i);
    } else {
      leastSinceStart_s = Math.min(leastSinceStart_s, at(delay_s, i));
    }
  }
  return breaks;
}
