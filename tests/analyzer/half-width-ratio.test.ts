import { describe, expect, test } from 'vitest';
import { analyze } from '../../src/analyzer/analyze.ts';
import { halfWidthRatio } from '../../src/analyzer/half-width-ratio.ts';
import type { Recording } from '../../src/core/run.ts';
import { noisySession } from '../support/noisy-session.ts';
import { planOf, runRecordOf } from '../support/recording.ts';

const UNTIL = { ciRatio: 0.03, leastTrials: 10, mostTrials: 12, most_s: 3600 };
const RECORDING = noisySession({ trials: 12, interval_s: 0.5, publications: [20, 30], seed: 5 }).recording;
const ONCE = noisySession({ trials: 1, interval_s: 0.5, publications: [20, 30], seed: 5 }).recording;

function until(recording: Recording, ciRatio: number): Recording {
  return { ...recording, run: runRecordOf({ plan: planOf({ until: { ...UNTIL, ciRatio } }) }) };
}

describe('the interval that --until-ci looks at', () => {
  const document = analyze(RECORDING);
  const whole = document.summary.find(({ category }) => category === 'all');

  test('is half of the 95 % interval of net J/token, relative to it', () => {
    const [low, high] = whole?.net_JPerTok.ci95 ?? [0, 0];
    expect(halfWidthRatio(document, 'some-model')).toBeCloseTo(
      (high - low) / 2 / (whole?.net_JPerTok.value ?? 1),
      12,
    );
  });

  test('is unknown for one repetition and for a model that was not asked', () => {
    expect(halfWidthRatio(analyze(ONCE), 'some-model')).toBeNull();
    expect(halfWidthRatio(document, 'other')).toBeNull();
  });

  test('CI_NOT_REACHED stands where it stayed wider than asked, and only there', () => {
    const codesAt = (ciRatio: number, recording = RECORDING): readonly string[] =>
      analyze(until(recording, ciRatio)).summary.find(({ category }) => category === 'all')?.codes ?? [];
    const reached = halfWidthRatio(document, 'some-model') ?? 0;
    expect(codesAt(reached * 1.01)).not.toContain('CI_NOT_REACHED');
    expect(codesAt(reached * 0.99)).toContain('CI_NOT_REACHED');
    expect(codesAt(0.5, ONCE)).toContain('CI_NOT_REACHED');
    expect(analyze(until(RECORDING, reached * 0.99)).warnings).toContainEqual(
      expect.objectContaining({ code: 'CI_NOT_REACHED', severity: 'info' }),
    );
  });

  test('ten trials and more carry the bootstrap beside it, of the headline alone; fewer do not', () => {
    const [low, high] = whole?.net_JPerTok.ci95 ?? [0, 0];
    const [lower, higher] = whole?.net_JPerTok.bootstrap95 ?? [0, 0];
    expect((higher - lower) / (high - low)).toBeGreaterThan(0.7);
    expect((higher - lower) / (high - low)).toBeLessThan(1.4);
    expect(analyze(ONCE).summary[0]?.net_JPerTok).not.toHaveProperty('bootstrap95');
    expect(whole?.gross_JPerTok).not.toHaveProperty('bootstrap95');
  });
});
