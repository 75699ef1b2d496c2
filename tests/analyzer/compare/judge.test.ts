import { describe, expect, test } from 'vitest';
import type { Observation } from '../../../src/analyzer/compare/arm-effect.ts';
import { DF_LEAST, judge, verdictOf } from '../../../src/analyzer/compare/judge.ts';
import { type SeededRandom, seededRandom } from '../../support/seeded-random.ts';

const THRESHOLD = 0.03;
const EXPERIMENTS = 2000;

interface Experiment {
  readonly pairs: number;
  readonly spread: number;
  /** Candidate's change in J/token. */
  readonly change: number;
  /** Change over the whole experiment. */
  readonly drift: number;
}

/** A B B A … with lognormal scatter and linear drift. */
function experiment(random: SeededRandom, { pairs, spread, change, drift }: Experiment): Observation[] {
  const arms = Array.from({ length: pairs }, (_, i) => (i % 2 === 0 ? [0, 1] : [1, 0])).flat();
  return arms.map((arm, i) => ({
    arm: arm === 0 ? 0 : 1,
    at_s: 27 * i,
    stratum: 'p',
    logValue:
      Math.log1p(change) * arm + (Math.log1p(drift) * i) / (arms.length - 1) + spread * random.normal(),
  }));
}

interface Rates {
  readonly flagged: number;
  readonly same: number;
  readonly covered: number;
}

function rates(setting: Experiment, seed: number): Rates {
  const random = seededRandom(seed);
  let flagged = 0;
  let same = 0;
  let covered = 0;
  for (let i = 0; i < EXPERIMENTS; i++) {
    const { verdict, ci95 } = judge(experiment(random, setting), THRESHOLD);
    if (verdict === 'better' || verdict === 'worse') flagged++;
    if (verdict === 'no significant change') same++;
    if (ci95 !== null && ci95[0] <= setting.change && setting.change <= ci95[1]) covered++;
  }
  return { flagged: flagged / EXPERIMENTS, same: same / EXPERIMENTS, covered: covered / EXPERIMENTS };
}

describe('judge: 3 % trial spread, 12 + 12, 2,000 simulated experiments each', () => {
  const usual = { pairs: 12, spread: 0.03 };

  test.each([
    [0, 0.05],
    [0.05, 0.05],
    [-0.05, 0.05],
    [0, -0.05],
    [0.05, -0.05],
  ])('at a drift of %f a change of %f is found in at least 92 %%', (drift, change) => {
    const { flagged, covered } = rates({ ...usual, change, drift }, 11);
    expect(flagged).toBeGreaterThanOrEqual(0.92);
    expect(covered).toBeGreaterThanOrEqual(0.93);
    expect(covered).toBeLessThanOrEqual(0.97);
  });

  test.each([0, 0.05, -0.05])('at a drift of %f no change is flagged in at most 3 %%', (drift) => {
    const { flagged, covered } = rates({ ...usual, change: 0, drift }, 12);
    expect(flagged).toBeLessThanOrEqual(0.03);
    expect(covered).toBeGreaterThanOrEqual(0.93);
    expect(covered).toBeLessThanOrEqual(0.97);
  });

  test('about 20 pairs show that there is no change; 6 can not', () => {
    expect(rates({ pairs: 24, spread: 0.03, change: 0, drift: 0 }, 13).same).toBeGreaterThan(0.8);
    expect(rates({ pairs: 6, spread: 0.03, change: 0, drift: 0 }, 13).same).toBeLessThan(0.4);
  });
});

describe('verdictOf', () => {
  test.each([
    ['worse', { change: 0.05, ci95: [0.01, 0.09], ci90: [0.02, 0.08] }],
    ['better', { change: -0.05, ci95: [-0.09, -0.01], ci90: [-0.08, -0.02] }],
    // Real, but too small to matter: and shown to be so.
    ['no significant change', { change: 0.01, ci95: [0.005, 0.015], ci90: [0.006, 0.014] }],
    // Real, small, but it might be larger than the threshold.
    ['inconclusive', { change: 0.025, ci95: [0.01, 0.04], ci90: [0.012, 0.038] }],
    // Large, but it might be nothing.
    ['inconclusive', { change: 0.1, ci95: [-0.01, 0.21], ci90: [0.01, 0.19] }],
    ['no significant change', { change: 0, ci95: [-0.04, 0.04], ci90: [-0.03, 0.03] }],
  ] as const)('%s: %j', (verdict, effect) => {
    expect(verdictOf(effect, THRESHOLD)).toBe(verdict);
  });

  test('a change of exactly the threshold does not exceed it', () => {
    const effect = { change: 0.03, ci95: [0.02, 0.04], ci90: [0.025, 0.035] } as const;
    expect(verdictOf(effect, 0.03)).toBe('inconclusive');
  });
});

describe('judge: too little to go on', () => {
  test('a doubled energy over 2 + 2 trials has an interval and no verdict; over 6 + 6 it is worse', () => {
    const doubled = { spread: 0.001, change: 1, drift: 0 };
    const few = judge(experiment(seededRandom(3), { ...doubled, pairs: 2 }), THRESHOLD);
    expect(few.df).toBeLessThan(DF_LEAST);
    expect(few.ci95?.[0]).toBeGreaterThan(0.5);
    expect(few.verdict).toBe('inconclusive');
    expect(judge(experiment(seededRandom(3), { ...doubled, pairs: 6 }), THRESHOLD).verdict).toBe('worse');
  });

  test('without a degree of freedom there is neither a change nor a verdict', () => {
    const two: Observation[] = [
      { arm: 0, at_s: 0, stratum: 'p', logValue: 0 },
      { arm: 1, at_s: 1, stratum: 'p', logValue: 1 },
    ];
    expect(judge(two, THRESHOLD)).toMatchObject({ change: null, ci95: null, verdict: 'inconclusive' });
  });
});
