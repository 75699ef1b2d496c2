import { J_PER_kWh, J_PER_Wh, PERCENT_PER_RATIO } from '../core/units.ts';

/** What only the user can know: nothing here has a default. */
export interface FeltFactors {
  /** Above 0, in the currency of the text. */
  readonly tariff?: { readonly price_perKWh: number; readonly currency: string };
  /** Above 0. */
  readonly intensity?: { readonly gCO2_perKWh: number; readonly source: string };
  /** Full charge, above 0. */
  readonly battery_Wh?: number;
}

/** One energy per token in units of daily life; null where its factor was not given or there is no energy. */
export interface FeltUnits {
  readonly WhPer1kTok: number | null;
  readonly tokPerWh: number | null;
  /** In the tariff's currency. */
  readonly costPer1MTok: number | null;
  readonly gCO2Per1kTok: number | null;
  /** Tokens that one percent of a full battery pays for. */
  readonly tokPerBatteryPercent: number | null;
}

const THOUSAND = 1e3;
const MILLION = 1e6;

/** Source: METHOD §4: 3600·n/E, E/(3.6·n). Rates that divide by the energy are null where it is not above 0. */
export function feltUnits(energy_JPerTok: number | null, factors: FeltFactors): FeltUnits {
  const { tariff, intensity, battery_Wh } = factors;
  const times = (factor: number | undefined): number | null =>
    energy_JPerTok === null || factor === undefined ? null : energy_JPerTok * factor;
  const per = (joules: number | undefined): number | null =>
    energy_JPerTok === null || joules === undefined || !(energy_JPerTok > 0) ? null : joules / energy_JPerTok;
  return {
    WhPer1kTok: times(THOUSAND / J_PER_Wh),
    tokPerWh: per(J_PER_Wh),
    costPer1MTok: times(tariff && (MILLION * tariff.price_perKWh) / J_PER_kWh),
    gCO2Per1kTok: times(intensity && (THOUSAND * intensity.gCO2_perKWh) / J_PER_kWh),
    tokPerBatteryPercent: per(battery_Wh && (battery_Wh * J_PER_Wh) / PERCENT_PER_RATIO),
  };
}
