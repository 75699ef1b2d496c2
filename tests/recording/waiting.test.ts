import { describe, expect, test } from 'vitest';
import type { Clock } from '../../src/core/clock.ts';
import { settlesWithin, slept } from '../../src/recording/waiting.ts';
import { manualClock } from '../support/manual-clock.ts';

/** A clock that counts the sleeps still under way. */
function countingClock(): { clock: Clock; advance(duration_s: number): Promise<void>; sleeping(): number } {
  const clock = manualClock();
  let asleep = 0;
  const sleep: Clock['sleep'] = (duration_s, signal) => {
    asleep += 1;
    return clock.sleep(duration_s, signal).finally(() => {
      asleep -= 1;
    });
  };
  return { clock: { ...clock, sleep }, advance: clock.advance, sleeping: () => asleep };
}

describe('slept', () => {
  test('is true when the time is over and false when the signal cut it short', async () => {
    const { clock, advance } = countingClock();
    const abort = new AbortController();
    const [whole, cut] = [slept(clock, 1, abort.signal), slept(clock, 9, abort.signal)];
    await advance(1);
    abort.abort();
    expect(await Promise.all([whole, cut])).toEqual([true, false]);
    expect(await slept(clock, 1, abort.signal)).toBe(false);
  });
});

describe('settlesWithin', () => {
  test.each([
    ['resolves', () => Promise.resolve('done')],
    ['rejects', () => Promise.reject(new Error('done'))],
  ])('is true when the promise %s in time, and leaves no timer behind', async (_how, done) => {
    const { clock, advance, sleeping } = countingClock();
    expect(await settlesWithin(clock, 5, done())).toBe(true);
    await advance(0);
    expect(sleeping()).toBe(0);
  });

  test('is false when the time is up', async () => {
    const { clock, advance } = countingClock();
    const inTime = settlesWithin(clock, 5, new Promise(() => undefined));
    await advance(5);
    expect(await inTime).toBe(false);
  });
});
