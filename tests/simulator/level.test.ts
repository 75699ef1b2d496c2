import { describe, expect, test } from 'vitest';
import { createLevel, type LevelSettings } from '../../src/simulator/level.ts';

const SETTINGS: LevelSettings = { idle_W: 2, lag_s: 0.2, leakage: { ratio: 0.02, time_s: 45 } };

describe('createLevel', () => {
  test('draws idle power before any work and for ever without any', () => {
    const level = createLevel(SETTINGS);
    expect(level.power_W(-1e6)).toBe(2);
    expect(level.power_W(1e6)).toBe(2);
    expect(level.energy_J(100, 150)).toBe(100);
  });

  test('reaches 1 − 1/e of the power asked for after one lag', () => {
    const level = createLevel({ ...SETTINGS, leakage: { ratio: 0, time_s: 45 } });
    level.ask(10, 20);
    expect(level.power_W(10)).toBeCloseTo(2, 12);
    expect(level.power_W(10.2)).toBeCloseTo(2 + 20 * (1 - Math.exp(-1)), 12);
  });

  test('the energy that the lag holds back at the start comes after the end', () => {
    const level = createLevel({ ...SETTINGS, leakage: { ratio: 0, time_s: 45 } });
    level.ask(10, 20);
    level.ask(15, 0);
    expect(level.energy_J(10, 15)).toBeCloseTo(2 * 5 + 20 * (5 - 0.2), 9);
    expect(level.energy_J(10, 60)).toBeCloseTo(2 * 50 + 20 * 5, 9);
  });

  test('with no lag the power follows at once', () => {
    const level = createLevel({ ...SETTINGS, lag_s: 0, leakage: { ratio: 0, time_s: 45 } });
    level.ask(10, 20);
    expect(level.power_W(10)).toBe(22);
    expect(level.energy_J(9, 11)).toBeCloseTo(24, 12);
  });

  test('leakage creeps towards its share of active power and away again', () => {
    const level = createLevel(SETTINGS);
    level.ask(0, 20);
    expect(level.power_W(1)).toBeLessThan(22.02);
    expect(level.power_W(2000)).toBeCloseTo(2 + 20 * 1.02, 6);
    level.ask(2000, 0);
    expect(level.power_W(2045)).toBeCloseTo(2 + 0.4 * Math.exp(-1), 2);
  });

  test('undisturbed energy leaves out what is asked for later and keeps what decays', () => {
    const level = createLevel(SETTINGS);
    level.ask(0, 20);
    level.ask(100, 0);
    const alone = createLevel(SETTINGS);
    alone.ask(0, 20);
    alone.ask(100, 0);
    level.ask(110, 30);
    expect(level.undisturbed_J(110, 115)).toBeCloseTo(alone.energy_J(110, 115), 10);
    expect(level.undisturbed_J(110, 115)).toBeGreaterThan(2 * 5);
  });

  test('steps at the same instant leave the last one in force', () => {
    const level = createLevel({ ...SETTINGS, lag_s: 0, leakage: { ratio: 0, time_s: 45 } });
    level.ask(1, 9);
    level.ask(1, 5);
    expect(level.power_W(2)).toBe(7);
  });

  test.each([9, Number.NaN, Number.POSITIVE_INFINITY])('refuses a step at %d after one at 10', (at_s) => {
    const level = createLevel(SETTINGS);
    level.ask(10, 1);
    expect(() => level.ask(at_s, 2)).toThrow(expect.objectContaining({ code: 'BUG' }));
  });

  test.each<Partial<LevelSettings>>([
    { idle_W: -1 },
    { lag_s: Number.NaN },
    { lag_s: 45 },
    { leakage: { ratio: -0.1, time_s: 45 } },
    { leakage: { ratio: 0.1, time_s: 0.2 } },
  ])('refuses %o', (settings) => {
    expect(() => createLevel({ ...SETTINGS, ...settings })).toThrow(
      expect.objectContaining({ code: 'USAGE' }),
    );
  });
});
