import { describe, expect, test } from 'vitest';
import { referenceCodes } from '../../src/analyzer/reference-values.ts';
import { feltLines, intensityFlag, tariffFlag, wattHoursFlag } from '../../src/cli/felt-lines.ts';
import type { Estimate, RunDocument, Summary } from '../../src/core/result.ts';
import { comparedRun } from '../support/compared-runs.ts';

const estimate = (value: number | null): Estimate => ({ value, ci95: null, spread: null });

function documentOf(model: string, net: number, gross: number): RunDocument {
  const summary: Summary = {
    model,
    workload: 'w',
    category: 'all',
    domain: 'soc',
    scope: 'CPU+GPU+ANE estimate',
    headline: true,
    n: 3,
    output_tok: 300,
    net_JPerTok: estimate(net),
    gross_JPerTok: estimate(gross),
    tokPerS: estimate(10),
    tokPerSPerW: estimate(1 / gross),
    bound_J: 1,
    grade: 'A',
    codes: referenceCodes(model, gross),
  };
  return { ...comparedRun([]), summary: [summary] };
}

describe('feltLines', () => {
  const document = documentOf('qwen3-4b', 0.36, 0.72);

  test('nothing is printed unless a factor is given', () => {
    expect(feltLines(document, {})).toEqual([]);
  });

  test('each factor gives its line, with the figure it was computed from', () => {
    const flags = {
      tariff: tariffFlag('0.30 EUR'),
      intensity: intensityFlag('380 national mix 2024'),
      batteryWh: wattHoursFlag('100'),
    };
    expect(feltLines(document, flags)).toEqual([
      '',
      'qwen3-4b, of soc alone:',
      '  Wh per 1,000 tokens: 0.100 net, 0.200 gross',
      '  EUR per million tokens: 0.0300 net, 0.0600 gross (at 0.3 per kWh)',
      '  g CO2 per 1,000 tokens: 0.0380 net, 0.0760 gross (at 380 g/kWh: national mix 2024)',
      '  tokens per battery percent: 10000 net, 5000 gross (of 100 Wh)',
    ]);
  });

  test('an energy outside what has been published is told without being asked', () => {
    expect(feltLines(documentOf('qwen3-4b', 300, 400), {}).join('\n')).toContain(
      'OUTSIDE_REFERENCE: qwen3-4b',
    );
  });
});

describe('flags', () => {
  test.each(['', 'EUR', '0 EUR', '-1 EUR', '0.30', 'NaN EUR'])('--tariff %j is refused', (text) => {
    expect(() => tariffFlag(text)).toThrow(/--tariff/);
  });

  test('--intensity without its source is refused', () => {
    expect(() => intensityFlag('380')).toThrow(/--intensity/);
  });

  test.each(['0', '-3', 'x'])('--battery-wh %j is refused', (text) => {
    expect(() => wattHoursFlag(text)).toThrow(/--battery-wh/);
  });
});
