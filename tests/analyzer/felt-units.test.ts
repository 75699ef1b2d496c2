import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { feltUnits } from '../../src/analyzer/felt-units.ts';

const ALL = {
  tariff: { price_perKWh: 0.36, currency: 'EUR' },
  intensity: { gCO2_perKWh: 360, source: 'somebody' },
  battery_Wh: 100,
};

describe('feltUnits', () => {
  test('0.36 J a token: 0.1 Wh a thousand, 3.6 cents a million, 10,000 tokens a percent of 100 Wh', () => {
    const felt = feltUnits(0.36, ALL);
    expect(felt.WhPer1kTok).toBeCloseTo(0.1, 12);
    expect(felt.tokPerWh).toBeCloseTo(10_000, 8);
    expect(felt.costPer1MTok).toBeCloseTo(0.036, 12);
    expect(felt.gCO2Per1kTok).toBeCloseTo(0.036, 12);
    expect(felt.tokPerBatteryPercent).toBeCloseTo(10_000, 8);
  });

  test('what was not given is not made up', () => {
    expect(feltUnits(0.36, {})).toMatchObject({
      costPer1MTok: null,
      gCO2Per1kTok: null,
      tokPerBatteryPercent: null,
    });
  });

  test('without an energy there is nothing; an energy not above 0 divides nothing', () => {
    expect(Object.values(feltUnits(null, ALL))).toEqual([null, null, null, null, null]);
    expect(feltUnits(-0.1, ALL)).toMatchObject({ tokPerWh: null, tokPerBatteryPercent: null });
    expect(feltUnits(-0.1, ALL).WhPer1kTok).toBeLessThan(0);
  });

  test('Wh a thousand tokens and tokens a Wh are one figure', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-3, max: 1e3, noNaN: true }), (energy_JPerTok) => {
        const { WhPer1kTok, tokPerWh } = feltUnits(energy_JPerTok, {});
        expect((WhPer1kTok ?? 0) * (tokPerWh ?? 0)).toBeCloseTo(1000, 6);
      }),
    );
  });
});
