import { type FeltFactors, type FeltUnits, feltUnits } from '../analyzer/felt-units.ts';
import { sanityLine } from '../analyzer/reference-values.ts';
import { LmpowerError } from '../core/errors.ts';
import { significant } from '../core/number-text.ts';
import type { RunDocument, Summary } from '../core/result.ts';
import { numberFlag } from './flags.ts';
import { safeText } from './text-table.ts';

/** Flags of the units that people feel, as commander hands them over. */
export interface FeltFlags {
  readonly tariff?: NonNullable<FeltFactors['tariff']>;
  readonly intensity?: NonNullable<FeltFactors['intensity']>;
  readonly batteryWh?: number;
}

/** `0.30 EUR`: a price above 0, then its currency. @throws {LmpowerError} USAGE */
export function tariffFlag(text: string): NonNullable<FeltFactors['tariff']> {
  const { value, words } = quantity('--tariff', text, '--tariff "0.30 EUR"');
  return { price_perKWh: value, currency: words };
}

/** `380 national mix 2024`: grams above 0, then where the figure is from. @throws {LmpowerError} USAGE */
export function intensityFlag(text: string): NonNullable<FeltFactors['intensity']> {
  const { value, words } = quantity(
    '--intensity',
    text,
    '--intensity "380 national mix 2024, environment agency"',
  );
  return { gCO2_perKWh: value, source: words };
}

/** Watt-hours above 0. @throws {LmpowerError} USAGE */
export function wattHoursFlag(text: string): number {
  const value = numberFlag('--battery-wh', 70)(text);
  if (value > 0) return value;
  throw new LmpowerError('USAGE', `--battery-wh takes watt-hours above 0, not '${text}'.`, {
    remedy: 'for example: --battery-wh 70',
  });
}

/**
 * Lines below the table: units that people feel, for each factor that was given, and a word where a model's energy lies
 * outside what has been published.
 */
export function feltLines(document: RunDocument, { batteryWh, intensity, tariff }: FeltFlags): string[] {
  const factors: FeltFactors = {
    ...(tariff === undefined ? {} : { tariff }),
    ...(intensity === undefined ? {} : { intensity }),
    ...(batteryWh === undefined ? {} : { battery_Wh: batteryWh }),
  };
  const headlines = document.summary.filter(({ category, headline }) => headline && category === 'all');
  const felt = Object.keys(factors).length === 0 ? [] : headlines.flatMap((one) => linesOf(one, factors));
  const odd = headlines.flatMap(({ codes, gross_JPerTok, model }) => {
    const line = codes.includes('OUTSIDE_REFERENCE') ? sanityLine(model, gross_JPerTok.value) : null;
    return line === null ? [] : [`OUTSIDE_REFERENCE: ${safeText(model)}: ${line}`];
  });
  return felt.length + odd.length === 0 ? [] : ['', ...felt, ...odd];
}

function linesOf({ model, domain, net_JPerTok, gross_JPerTok }: Summary, factors: FeltFactors): string[] {
  const net = feltUnits(net_JPerTok.value, factors);
  const gross = feltUnits(gross_JPerTok.value, factors);
  const both = (key: keyof FeltUnits): string =>
    `${significant(net[key])} net, ${significant(gross[key])} gross`;
  const { battery_Wh, intensity, tariff } = factors;
  return [
    `${safeText(model)}, of ${domain} alone:`,
    `  Wh per 1,000 tokens: ${both('WhPer1kTok')}`,
    ...(tariff === undefined
      ? []
      : [
          `  ${safeText(tariff.currency)} per million tokens: ${both('costPer1MTok')} (at ${tariff.price_perKWh} per kWh)`,
        ]),
    ...(intensity === undefined
      ? []
      : [
          `  g CO2 per 1,000 tokens: ${both('gCO2Per1kTok')} (at ${intensity.gCO2_perKWh} g/kWh: ${safeText(intensity.source)})`,
        ]),
    ...(battery_Wh === undefined
      ? []
      : [`  tokens per battery percent: ${both('tokPerBatteryPercent')} (of ${battery_Wh} Wh)`]),
  ];
}

function quantity(flag: string, text: string, example: string): { value: number; words: string } {
  const [, number = '', words = ''] = /^\s*(\d+\.?\d*|\.\d+)\s*(.*?)\s*$/s.exec(text) ?? [];
  const value = Number(number);
  if (number !== '' && Number.isFinite(value) && value > 0 && words !== '') return { value, words };
  throw new LmpowerError('USAGE', `${flag} takes a number above 0 and what it is of, not '${text}'.`, {
    remedy: `for example: ${example}`,
  });
}
