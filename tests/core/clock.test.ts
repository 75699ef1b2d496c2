import { describe, expect, test } from 'vitest';
import { clockSince, systemClock, wallSpan_s } from '../../src/core/clock.ts';
import { manualClock } from '../support/manual-clock.ts';

describe('systemClock', () => {
  test('never goes back, and is that of the boot: process.hrtime in seconds', () => {
    const before_s = Number(process.hrtime.bigint()) / 1e9;
    const readings = Array.from({ length: 1000 }, () => systemClock.now_s());
    const after_s = Number(process.hrtime.bigint()) / 1e9;
    expect(readings).toEqual(readings.toSorted((a, b) => a - b));
    expect(readings[0]).toBeGreaterThanOrEqual(before_s);
    expect(readings.at(-1)).toBeLessThanOrEqual(after_s);
  });

  test('labels with ISO 8601 in UTC', () => {
    expect(systemClock.wallAt()).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  });

  test('sleeps no shorter than asked for', async () => {
    const started_s = systemClock.now_s();
    await systemClock.sleep(0.02);
    // A timer of Node may fire up to a millisecond early.
    expect(systemClock.now_s() - started_s).toBeGreaterThan(0.0185);
  });

  test('an aborted sleep ends at once with the reason, before and while it sleeps', async () => {
    const reason = new Error('interrupted');
    await expect(systemClock.sleep(1000, AbortSignal.abort(reason))).rejects.toBe(reason);
    const controller = new AbortController();
    const asleep = systemClock.sleep(1000, controller.signal);
    controller.abort(reason);
    await expect(asleep).rejects.toBe(reason);
  });

  test('a time that has passed already is no wait', async () => {
    await expect(systemClock.sleep(-5)).resolves.toBeUndefined();
  });
});

test('a clock of a run counts from its origin, on the same wall', async () => {
  const clock = manualClock(1000);
  const ofRun = clockSince(990, clock);
  expect(ofRun.now_s()).toBe(10);
  expect(ofRun.wallAt()).toBe(clock.wallAt());
  const asleep = ofRun.sleep(5);
  await clock.advance(5);
  await asleep;
  expect(ofRun.now_s()).toBe(15);
});

test('the span of two wall labels is in seconds, negative when the wall was set back', () => {
  expect(wallSpan_s('2026-01-01T00:00:00.000Z', '2026-01-01T00:01:30.250Z')).toBe(90.25);
  expect(wallSpan_s('2026-01-01T00:00:01.000Z', '2026-01-01T00:00:00.000Z')).toBe(-1);
});
