import { describe, expect, test } from 'vitest';
import { armsOf } from '../../../src/analyzer/compare/arm.ts';
import { type CompareOptions, compareArms, compareRuns } from '../../../src/analyzer/compare/compare.ts';
import type { Comparison } from '../../../src/core/comparison.ts';
import { LmpowerError } from '../../../src/core/errors.ts';
import type { RunDocument } from '../../../src/core/result.ts';
import { abba, type ComparedRun, type ComparedTrial, comparedRun } from '../../support/compared-runs.ts';
import { seededRandom } from '../../support/seeded-random.ts';

function within(document: RunDocument, options: CompareOptions = {}): Comparison {
  const [a, b] = armsOf(document);
  if (a === undefined || b === undefined) throw new Error('needs two models');
  return compareArms(a, b, options);
}

/** 3 % scatter about 1 J/token for a and `ratio` for b, 5 % drift over the run. */
function scattered(pairs: number, ratio: number, seed = 3): ComparedTrial[] {
  const random = seededRandom(seed);
  return abba(
    pairs,
    (model, place) =>
      (model === 'a' ? 1 : ratio) * Math.exp(0.03 * random.normal() + (0.05 * place) / (2 * pairs - 1)),
  );
}

const single = (model: string, ratio: number, seed: number): ComparedTrial[] => {
  const random = seededRandom(seed);
  return Array.from({ length: 12 }, (_, repetition) => ({
    model,
    net_JPerTok: ratio * Math.exp(0.01 * random.normal()),
    at_s: 30 * repetition,
    repetition,
  }));
};

const ids = (comparison: Comparison): string[] => comparison.notes.map(({ id }) => id);

function refusal(work: () => unknown): LmpowerError {
  try {
    work();
  } catch (thrown) {
    if (thrown instanceof LmpowerError) return thrown;
  }
  throw new Error('was not refused');
}

describe('two models interleaved in one run', () => {
  test('a tenth more energy is worse, the same the other way round is better, and the intervals hold it', () => {
    const worse = within(comparedRun(scattered(12, 1.1)));
    const better = within(comparedRun(scattered(12, 1 / 1.1)));
    expect(worse).toMatchObject({ verdict: 'worse', design: 'interleaved', df: 21 });
    expect(better.verdict).toBe('better');
    expect(worse.ci95?.[0]).toBeLessThan(0.1);
    expect(worse.ci95?.[1]).toBeGreaterThan(0.1);
    expect(worse.signedRank).toMatchObject({ n: 12, isExact: true });
    expect(worse.signedRank?.p).toBeLessThan(0.01);
    expect(worse.notes).toEqual([]);
  });

  test('exchanging the arms gives the reciprocal ratio', () => {
    const document = comparedRun(scattered(12, 1.1));
    const [a, b] = armsOf(document);
    if (a === undefined || b === undefined) throw new Error('needs two models');
    const there = compareArms(a, b);
    const back = compareArms(b, a);
    expect((1 + (there.change ?? 0)) * (1 + (back.change ?? 0))).toBeCloseTo(1, 12);
    expect(back.signedRank?.p).toBeCloseTo(there.signedRank?.p ?? 2, 12);
  });

  test('drift is told from the change exactly where nothing scatters', () => {
    const trials = abba(6, (model, place) => (model === 'a' ? 1 : 1.04) * Math.exp(0.01 * place));
    const comparison = within(comparedRun(trials));
    expect(comparison.change).toBeCloseTo(0.04, 10);
    expect(comparison.drift).toBeCloseTo(Math.expm1(0.11), 10);
  });

  test('prompts that cost differently do not widen the interval', () => {
    const one = scattered(12, 1.05).map((trial) => ({ ...trial, promptId: 'short' }));
    const two = one.map((trial) => ({
      ...trial,
      promptId: 'long',
      net_JPerTok: (trial.net_JPerTok ?? 0) * 7,
    }));
    const both = within(comparedRun([...one, ...two]));
    expect(both.spread).toBeCloseTo(within(comparedRun(one)).spread ?? 0, 2);
  });

  test('net and gross are different questions', () => {
    const document = comparedRun(scattered(12, 1.1));
    expect(within(document, { basis: 'gross' }).change).toBeLessThan(within(document).change ?? 0);
    expect(within(document, { basis: 'gross' }).basis).toBe('gross');
  });

  test('the threshold decides whether a real change matters', () => {
    const document = comparedRun(scattered(24, 1.06));
    expect(within(document).verdict).toBe('worse');
    expect(within(document, { threshold_ratio: 0.2 }).verdict).toBe('no significant change');
  });

  test('one trial each: the ratio of nothing is not given, and what to type is', () => {
    const comparison = within(comparedRun(abba(1, () => 1)));
    expect(comparison).toMatchObject({ change: null, ci95: null, verdict: 'inconclusive' });
    expect(comparison.notes).toContainEqual(expect.objectContaining({ id: 'FEW_TRIALS' }));
  });

  test('trials without energy above 0 are left out and counted', () => {
    const trials = scattered(12, 1.1).map((trial, i) =>
      i === 0 ? { ...trial, net_JPerTok: -0.1 } : i === 1 ? { ...trial, net_JPerTok: null } : trial,
    );
    const comparison = within(comparedRun(trials));
    expect(comparison.reference).toMatchObject({ n: 11, left_out: 1 });
    expect(comparison.candidate).toMatchObject({ n: 11, left_out: 1 });
    expect(ids(comparison)).toEqual(['LOST_IN_NOISE', 'LEFT_OUT', 'LEFT_OUT']);
  });

  test('net energies lost in noise allow no verdict: those that remain are the large ones', () => {
    const trials = scattered(12, 1.5).map((trial, i) => (i === 0 ? { ...trial, net_JPerTok: -0.01 } : trial));
    expect(within(comparedRun(trials)).verdict).toBe('inconclusive');
    expect(within(comparedRun(trials), { basis: 'gross' }).notes.map(({ id }) => id)).not.toContain(
      'LOST_IN_NOISE',
    );
    const withheld = scattered(12, 1.5).map((trial, i) =>
      i === 0 ? { ...trial, net_JPerTok: null } : trial,
    );
    expect(within(comparedRun(withheld)).verdict).toBe('worse');
  });

  test('one model after the other is named, and its interval is wider', () => {
    const turns = scattered(12, 1.1);
    const grouped = [...turns]
      .sort((x, y) => x.model.localeCompare(y.model))
      .map((trial, i) => ({ ...trial, at_s: 30 * i }));
    const comparison = within(comparedRun(grouped));
    expect(comparison.design).toBe('grouped');
    expect(ids(comparison)).toContain('GROUPED_ORDER');
    const width = ({ ci95 }: Comparison): number => (ci95?.[1] ?? 0) - (ci95?.[0] ?? 0);
    expect(width(comparison)).toBeGreaterThan(1.5 * width(within(comparedRun(turns))));
  });

  test('a block is no part of J/token beside answers of some length', () => {
    const trials = scattered(12, 1.1);
    const blocks = abba(12, () => 50).map((trial) => ({ ...trial, promptId: 'block', requests: 20 }));
    const comparison = within(comparedRun([...trials, ...blocks]));
    expect(comparison.change).toBe(within(comparedRun(trials)).change);
    expect(comparison.reference).toMatchObject({ n: 12, left_out: 0 });
    expect(within(comparedRun(blocks)).reference.n).toBe(12);
  });

  test('doubts about the trials are told with the comparison, good-to-know codes are not', () => {
    const trials = scattered(12, 1.1).map((trial, i) =>
      i < 3 ? { ...trial, codes: ['THROTTLED', 'CACHE_UNKNOWN'] as const } : trial,
    );
    const { notes } = within(comparedRun(trials));
    expect(notes.map(({ message }) => message)).toEqual([
      'a: THROTTLED ×1; lmpower explain CODE',
      'b: THROTTLED ×2; lmpower explain CODE',
    ]);
  });

  test('mean powers more than twofold apart are named', () => {
    const trials = scattered(12, 1.1).map((trial) => ({
      ...trial,
      meanPower_W: trial.model === 'a' ? 9 : 20,
    }));
    expect(ids(within(comparedRun(trials)))).toContain('POWER_RATIO');
  });
});

describe('two runs', () => {
  const run = (id: string, ratio: number, seed: number, changes: ComparedRun = {}): RunDocument =>
    comparedRun(single('m', ratio, seed), { id, ...changes });

  test('a regression is found, with a word on what cannot be told from it', () => {
    const comparison = compareRuns(run('old', 1, 1), run('new', 1.1, 2));
    expect(comparison).toMatchObject({ verdict: 'worse', design: 'separate' });
    expect(ids(comparison)).toEqual(['DRIFT_CONFOUNDED', 'DIGEST_UNKNOWN']);
  });

  test('a trend within both runs is taken out, though each starts its clock anew', () => {
    const heating = (id: string, ratio: number): RunDocument =>
      comparedRun(
        Array.from({ length: 12 }, (_, repetition) => ({
          model: 'm',
          net_JPerTok: ratio * Math.exp(0.01 * repetition),
          at_s: 30 * repetition,
          repetition,
        })),
        { id },
      );
    const comparison = compareRuns(heating('old', 1), heating('new', 1.1));
    expect(comparison.change).toBeCloseTo(0.1, 10);
    expect(comparison.spread).toBeCloseTo(0, 10);
  });

  test.each<[string, ComparedRun]>([
    ['workload', { plan: { workload: { ...comparedRun([]).plan.workload, version: 2 } } }],
    ['prompts', { plan: { workload: { ...comparedRun([]).plan.workload, sha256: 'f'.repeat(64) } } }],
    ['domain', { domain: { id: 'wall' } }],
    ['scope', { domain: { scope: 'CPU only' } }],
  ])('another %s is refused by name, and passed over on purpose', (what, changes) => {
    const [old, other] = [run('old', 1, 1), run('new', 1.1, 2, changes)];
    const error = refusal(() => compareRuns(old, other));
    expect(error).toMatchObject({ code: 'NOT_COMPARABLE', exitCode: 2 });
    expect(error.message).toContain(what);
    expect(error.remedy).toContain('--across');
    expect(ids(compareRuns(old, other, { across: true }))[0]).toBe('ACROSS');
  });

  test('another baseline state is refused', () => {
    const b1 = comparedRun(
      single('m', 1, 2).map((trial) => ({ ...trial, baselineState: 'B1' as const })),
      { id: 'new' },
    );
    expect(refusal(() => compareRuns(run('old', 1, 1), b1)).message).toContain('baseline (B2 against B1)');
  });

  test('another file of the same model is refused; of another model it is the question', () => {
    const digest = (effective: string) => ({
      environment: { settings: [{ name: 'sha256', requested: null, effective, source: 'server' as const }] },
    });
    const old = run('old', 1, 1, digest('aa'));
    expect(refusal(() => compareRuns(old, run('new', 1, 2, digest('bb')))).message).toContain('model file');
    expect(ids(compareRuns(old, run('new', 1, 2, digest('aa'))))).not.toContain('DIGEST_UNKNOWN');
    const other = comparedRun(single('n', 1, 2), { id: 'new', ...digest('bb') });
    expect(compareRuns(old, other).design).toBe('separate');
  });

  test("other machines carry the sensor's warning, and Apple's where the watts are its estimate", () => {
    const other = { environment: { machine: 'Mac15,3' } };
    const apple = { domain: { source: 'powermetrics' } };
    expect(ids(compareRuns(run('old', 1, 1), run('new', 1, 2, other)))).toContain('OTHER_MACHINE');
    const both = compareRuns(run('old', 1, 1, apple), run('new', 1, 2, { ...apple, ...other }));
    expect(ids(both)).toContain('ESTIMATE_ACROSS_DEVICES');
    expect(ids(compareRuns(run('old', 1, 1, apple), run('new', 1, 2, apple)))).not.toContain(
      'ESTIMATE_ACROSS_DEVICES',
    );
  });

  test('other settings, methods and a simulated side are named', () => {
    const { inference } = comparedRun([]).plan;
    const other = run('new', 1, 2, {
      plan: { inference: { ...inference, maxOutput_tok: 99 } },
      methodVersion: 99,
      simulated: true,
    });
    const comparison = compareRuns(run('old', 1, 1), other);
    expect(ids(comparison)).toEqual(
      expect.arrayContaining(['SETTINGS_DIFFER', 'METHOD_DIFFERS', 'SIMULATED']),
    );
    expect(comparison.notes.find(({ id }) => id === 'SETTINGS_DIFFER')?.message).toContain('maxOutput_tok');
  });

  test('a run without any meter, without trials, or with several models is refused', () => {
    const good = run('old', 1, 1);
    expect(refusal(() => compareRuns(good, { ...run('new', 1, 2), headline: null })).code).toBe(
      'NOT_COMPARABLE',
    );
    expect(refusal(() => compareRuns(good, comparedRun([], { id: 'new' }))).code).toBe('USAGE');
    expect(
      refusal(() =>
        compareRuns(
          good,
          comparedRun(
            abba(2, () => 1),
            { id: 'new' },
          ),
        ),
      ).code,
    ).toBe('USAGE');
  });
});
