import { describe, expect, test } from 'vitest';
import { aligned, analyze } from '../../src/analyzer/analyze.ts';
import type { EnergyRow, RunDocument } from '../../src/core/result.ts';
import { PLAIN, plainCourse, plainSeries, plainSession } from '../support/plain-session.ts';
import { gaugeSeries } from '../support/power-course.ts';
import { completionOf, domainOf, runRecordOf, trialOf } from '../support/recording.ts';

function rowOf(document: RunDocument, domain = 'soc'): EnergyRow {
  const row = document.trials[0]?.energy.find((one) => one.domain === domain);
  if (row === undefined) throw new Error(`no row of ${domain}`);
  return row;
}

describe('analyze', () => {
  const document = analyze(plainSession());
  const row = rowOf(document);

  test('gross is the energy of the request, net that above idle power, and the rest follows', () => {
    expect(row.gross_J).toBeCloseTo(14 * 30, 6);
    expect(row.net_J).toBeCloseTo(14 * 25, 6);
    expect(row.gross_JPerTok).toBeCloseTo(42, 6);
    expect(row.net_JPerTok).toBeCloseTo(35, 6);
    expect(row.tokPerS).toBeCloseTo(10 / 14, 9);
    expect(row.tokPerSPerW).toBeCloseTo(1 / 42, 9);
    expect(row.tail_J).toBeCloseTo(0, 6);
    expect(row.baseline).toMatchObject({ state: 'B2', power_W: expect.closeTo(5, 9) });
    expect(row).toMatchObject({ publications: 28, coverage: 1, grade: 'A', closure: null });
  });

  test('the pro-rated figure stands beside, biased as pro-rating is at an idle → busy edge', () => {
    expect(row.proRated.gross_J).toBeLessThan(14 * 30);
    expect(row.proRated.net_J).toBeLessThan(14 * 25);
  });

  test('prefill and decode divide by the tokens that each worked on, and the remainder is what neither holds', () => {
    expect(row.prefill).toMatchObject({ start_s: 11, end_s: 14.5, tokens: 20, grade: 'C' });
    expect(row.decode).toMatchObject({ start_s: 14.5, end_s: 25, tokens: 9, grade: 'A' });
    expect(row.prefill?.gross_J).toBeCloseTo(3.5 * 30, 6);
    expect(row.decode?.net_JPerTok).toBeCloseTo((10.5 * 25) / 9, 6);
    expect(row.remainder_J).toBeCloseTo(0, 6);
    expect(row.method).toBe('window');
  });

  test('carries only what is to be said of a good trial on a part of the machine', () => {
    expect(row.codes).toEqual(['DOMAIN_PARTIAL']);
    expect(document.warnings.map((warning) => warning.code)).toEqual(['DOMAIN_PARTIAL', 'FEW_TRIALS']);
  });

  test('each phase has its energy, mean, least and greatest power', () => {
    const [baseline, inference, cooldown] = document.trials[0]?.phases ?? [];
    expect(baseline?.energy[0]).toMatchObject({ domain: 'soc', coverage: 1 });
    expect(baseline?.energy[0]?.meanPower_W).toBeCloseTo(5, 6);
    expect(inference?.energy[0]?.maxPower_W).toBeCloseTo(30, 6);
    expect(inference?.energy[0]?.minPower_W).toBeCloseTo(30, 6);
    expect(cooldown?.energy[0]?.gross_J).toBeCloseTo(50, 6);
    expect(document.phases[0]?.energy[0]?.gross_J).toBeCloseTo(50, 6);
  });

  test('is reproducible to the byte', () => {
    expect(JSON.stringify(analyze(plainSession()))).toBe(JSON.stringify(document));
    expect(JSON.stringify(document)).not.toMatch(/NaN|Infinity|-0[,}\]]/);
  });

  test('does not change its input', () => {
    const recording = plainSession();
    const before = JSON.stringify(recording);
    analyze(recording);
    expect(JSON.stringify(recording)).toBe(before);
  });

  test('a gauge read finely enough gives the same joules', () => {
    const edges_s = Array.from({ length: 490 }, (_, i) => i / 10);
    const series = { ...gaugeSeries(plainCourse(), { edges_s }) };
    const gauge = rowOf(analyze(plainSession({ series: [series], domain: { kind: 'gauge' } })));
    expect(Math.abs((gauge.gross_J ?? 0) - 420)).toBeLessThan(gauge.uncertainty.bound_J ?? 0);
    expect(gauge.gross_J).toBeCloseTo(420, -1);
  });

  test('without any power there are speeds and POWER_UNAVAILABLE, and no joule', () => {
    const silent = analyze(plainSession({ series: [] }));
    expect(silent.headline).toBeNull();
    expect(silent.trials[0]?.energy).toEqual([]);
    expect(silent.trials[0]?.completion?.latency.decodeTokPerS).toBeGreaterThan(0);
    expect(silent.warnings.map((warning) => warning.code)).toContain('POWER_UNAVAILABLE');
    expect(silent.summary).toEqual([]);
  });

  test('the headline is the widest domain, and closure what each other one is of it', () => {
    const wide = domainOf({ id: 'system', rank: 3, scope: 'whole machine' });
    const system = plainSeries(plainCourse(), 'system');
    const both = analyze(
      plainSession({
        series: [plainSeries(), { ...system, energy_J: system.energy_J.map((energy_J) => energy_J * 1.25) }],
        recording: { domains: [domainOf(), wide] },
      }),
    );
    expect(both.headline).toBe('system');
    expect(rowOf(both).closure).toBeCloseTo(0.8, 6);
    expect(rowOf(both, 'system').closure).toBeNull();
    expect(both.summary.filter((one) => one.headline).map((one) => one.domain)).toEqual(['system', 'system']);
    expect(rowOf(both, 'system').codes).not.toContain('DOMAIN_PARTIAL');
  });

  test('a trial that was never sent has a row that says so', () => {
    const unsent = analyze(plainSession({ recording: { trials: [trialOf(PLAIN, { completions: [] })] } }));
    expect(unsent.trials[0]?.completion).toBeNull();
    expect(rowOf(unsent)).toMatchObject({ gross_J: null, net_J: null, codes: ['REQUEST_FAILED'] });
  });

  test('one that the end of the run came before says that instead', () => {
    const run = runRecordOf({ state: 'interrupted' });
    const cut = analyze(plainSession({ recording: { run, trials: [trialOf(PLAIN, { completions: [] })] } }));
    expect(rowOf(cut)).toMatchObject({ gross_J: null, net_J: null, codes: ['TRIAL_INTERRUPTED'] });
  });

  test('the last attempt is the answer; the earlier one is marked', () => {
    const failed = completionOf(
      { requested_s: 10, ended_s: 10.5 },
      { error: { code: 'MODEL_UNLOADED', message: 'gone' } },
    );
    const trials = [trialOf(PLAIN, { completions: [failed, completionOf(PLAIN)] })];
    const retried = rowOf(analyze(plainSession({ recording: { trials } })));
    expect(retried.gross_J).toBeCloseTo(420, 6);
    expect(retried.codes).toContain('RETRIED');
  });

  test('what a run records beside energy goes through as it is', () => {
    const truth = { gross_J: 1, net_J: 2, prefill_J: null, decode_J: 3 };
    const told = analyze(plainSession({ recording: { trials: [trialOf(PLAIN, { truth })] } }));
    expect(told.trials[0]?.truth).toEqual(truth);
    expect(document.trials[0]).not.toHaveProperty('truth');
    expect(document).not.toHaveProperty('simulated');
    expect(document.run.duration_s).toBe(46);
  });
});

describe('summary', () => {
  const trials = [0, 1, 2].map((repetition) =>
    trialOf(PLAIN, {
      index: repetition,
      repetition,
      category: repetition === 2 ? 'long' : 'short',
      promptId: repetition === 2 ? 'p2' : 'p1',
      completions: [completionOf(PLAIN, { output_tok: repetition === 2 ? 20 : 10 })],
    }),
  );
  const { summary } = analyze(plainSession({ recording: { trials } }));

  test('has one entry per category and one for all, joules over tokens summed', () => {
    expect(summary.map((one) => one.category)).toEqual(['short', 'long', 'all']);
    const all = summary[2];
    expect(all).toMatchObject({ n: 3, output_tok: 40, headline: true, grade: 'A' });
    expect(all?.gross_JPerTok.value).toBeCloseTo((3 * 420) / 40, 6);
    expect(all?.tokPerSPerW.value).toBeCloseTo(40 / (3 * 420), 9);
    expect(all?.tokPerS.value).toBeCloseTo(40 / 42, 9);
  });

  test('gives an interval where every prompt was repeated, else FEW_TRIALS', () => {
    expect(summary[0]?.net_JPerTok.ci95).toEqual([expect.closeTo(35, 6), expect.closeTo(35, 6)]);
    expect(summary[0]?.codes).not.toContain('FEW_TRIALS');
    expect(summary[2]?.net_JPerTok.ci95).toBeNull();
    expect(summary[2]?.codes).toContain('FEW_TRIALS');
  });

  test('leaves out trials whose joules are void, and keeps their code with them', () => {
    const broken = {
      ...trials[0],
      completions: [completionOf(PLAIN, { error: { code: 'X', message: 'x' } })],
    };
    const [short] = analyze(
      plainSession({
        recording: { trials: [broken, ...trials.slice(1)].map((one) => ({ ...trialOf(PLAIN), ...one })) },
      }),
    ).summary;
    expect(short).toMatchObject({ n: 1, output_tok: 10 });
    expect(short?.gross_JPerTok.value).toBeCloseTo(42, 6);
    expect(short?.codes).not.toContain('REQUEST_FAILED');
  });
});

describe('aligned', () => {
  test('puts readings at their true place and keeps their joules', () => {
    const late = plainSeries();
    const delays_s = late.end_s.map((_, i) => (i % 3 === 0 ? 0 : 0.02));
    const shifted = {
      ...late,
      start_s: late.start_s.map((t_s, i) => t_s + (delays_s[i] ?? 0)),
      end_s: late.end_s.map((t_s, i) => t_s + (delays_s[i] ?? 0)),
    };
    const [series] = aligned(plainSession({ series: [shifted] })).series;
    expect(series?.energy_J).toEqual(late.energy_J);
    for (const [i, end_s] of (series?.end_s ?? []).entries())
      expect(end_s).toBeCloseTo(late.end_s[i] ?? 0, 9);
  });
});
