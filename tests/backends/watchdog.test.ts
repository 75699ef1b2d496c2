import { describe, expect, test } from 'vitest';
import { startWatchdog, within } from '../../src/backends/watchdog.ts';
import { LmpowerError } from '../../src/core/errors.ts';
import { manualClock } from '../support/manual-clock.ts';

describe('the watchdog', () => {
  test('speaks once, when nothing has touched it for the whole time', async () => {
    const clock = manualClock();
    let spoken = 0;
    const watchdog = startWatchdog({ clock, timeout_s: 10 }, () => spoken++);
    await clock.advance(9);
    watchdog.touch();
    await clock.advance(9);
    expect(spoken).toBe(0);
    await clock.advance(1);
    expect(spoken).toBe(1);
    await clock.advance(100);
    expect(spoken).toBe(1);
  });

  test('is silent after it was stopped', async () => {
    const clock = manualClock();
    let spoken = 0;
    startWatchdog({ clock, timeout_s: 10 }, () => spoken++).stop();
    await clock.advance(100);
    expect(spoken).toBe(0);
  });
});

describe('within', () => {
  const what = 'the list';

  test('gives the value of work that ends in time, and leaves no timer behind', async () => {
    const clock = manualClock();
    expect(await within(Promise.resolve(1), { clock, timeout_s: 10, what })).toBe(1);
    await clock.advance(100);
    expect(await clock.runUntil(Promise.resolve('idle'))).toBe('idle');
  });

  test('gives the failure of work that fails in time', async () => {
    const work = Promise.reject(new Error('no'));
    await expect(within(work, { clock: manualClock(), timeout_s: 10, what })).rejects.toThrow('no');
  });

  test('names what hung, and for how long', async () => {
    const clock = manualClock();
    const hung = within(new Promise(() => undefined), { clock, timeout_s: 10, what });
    await expect(clock.runUntil(hung)).rejects.toMatchObject({
      code: 'BACKEND_TIMEOUT',
      message: expect.stringMatching(/10 s.*the list/),
    });
    expect(clock.now_s()).toBe(10);
  });

  test('work that fails after its time is nobody’s concern', async () => {
    const clock = manualClock();
    let fail = (_error: Error): void => undefined;
    const work = new Promise((_resolve, reject) => {
      fail = reject;
    });
    const hung = within(work, { clock, timeout_s: 10, what });
    await expect(clock.runUntil(hung)).rejects.toMatchObject({ code: 'BACKEND_TIMEOUT' });
    fail(new Error('late'));
    await clock.advance(1);
  });

  test('an abort ends the wait at once, before or during it', async () => {
    const clock = manualClock();
    const stop = new AbortController();
    const options = { clock, timeout_s: 10, what, signal: stop.signal };
    const waiting = within(new Promise(() => undefined), options);
    stop.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'INTERRUPTED' });
    await expect(within(new Promise(() => undefined), options)).rejects.toMatchObject({
      code: 'INTERRUPTED',
    });
  });

  test('the wait can be failed from outside', async () => {
    const clock = manualClock();
    const broken = within(new Promise(() => undefined), {
      clock,
      timeout_s: 10,
      what,
      onStart: (wait) => wait.fail(new LmpowerError('BACKEND_PROTOCOL', 'nonsense')),
    });
    await expect(broken).rejects.toMatchObject({ code: 'BACKEND_PROTOCOL' });
  });
});
