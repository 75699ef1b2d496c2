import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { METRICS, ranking } from '../../src/analyzer/ranking.ts';
import { summaries } from '../../src/analyzer/summary.ts';
import { RANK_METRICS } from '../../src/core/ranking.ts';
import type { RunDocument } from '../../src/core/result.ts';
import type { Setting } from '../../src/core/run.ts';
import { type ComparedRun, type ComparedTrial, comparedRun } from '../support/compared-runs.ts';

interface Ask extends ComparedRun {
  readonly startedAt?: string;
  readonly facts?: Readonly<Record<string, string | number>>;
}

/** A run document with its summaries. */
function runOf(trials: readonly ComparedTrial[], { facts = {}, startedAt, ...run }: Ask = {}): RunDocument {
  const settings = Object.entries(facts).map(
    ([name, effective]): Setting => ({ name, requested: null, effective, source: 'server' }),
  );
  const document = comparedRun(trials, { ...run, environment: { ...run.environment, settings } });
  return {
    ...document,
    run: { ...document.run, ...(startedAt === undefined ? {} : { startedAt }) },
    summary: summaries(document.trials, document),
  };
}

const trial = (model: string, net_JPerTok: number, at_s: number): ComparedTrial => ({
  model,
  net_JPerTok,
  at_s,
});
const Q4 = 'qwen3-4b-q4_k_m';
const Q8 = 'qwen3-4b-q8_0';
const LADDER = [trial(Q8, 0.8, 10), trial(Q4, 0.5, 30), trial('gemma-3-1b-q4_0', 0.2, 50)];

test('the least J/token stands first, and each model’s best quantization is marked', () => {
  const ranked = ranking([runOf(LADDER)], 'net-j-per-token');
  expect(ranked.map(({ bestOfFamily, model }) => [model, bestOfFamily])).toEqual([
    ['gemma-3-1b-q4_0', true],
    [Q4, true],
    [Q8, false],
  ]);
  expect(ranked.map(({ family, quantization }) => [family, quantization])).toEqual([
    ['gemma-3-1b', 'Q4_0'],
    ['qwen3-4b', 'Q4_K_M'],
    ['qwen3-4b', 'Q8_0'],
  ]);
});

test('tok/s/W ranks the other way round', () => {
  const by = (metric: 'net-j-per-token' | 'tps-per-watt') =>
    ranking([runOf(LADDER)], metric).map(({ model }) => model);
  expect(by('tps-per-watt')).toEqual(by('net-j-per-token'));
});

test('a net that drowned in the noise is nobody’s best, and no base of a change', () => {
  const noisy = [trial('noisy-1b-q4_0', -0.01, 70), trial('noisy-1b-q8_0', 0.1, 90)];
  const ranked = ranking([runOf([...LADDER, ...noisy])], 'net-j-per-token');
  expect(ranked.at(-1)).toMatchObject({ model: 'noisy-1b-q4_0', bestOfFamily: false });
  expect(ranked[0]).toMatchObject({ model: 'noisy-1b-q8_0', bestOfFamily: true });
  expect(ranked.at(-1)?.net_JPerTok?.value).toBeCloseTo(-0.01, 6);
});

test('what has no figure stands last, and is nobody’s best', () => {
  const ranked = ranking(
    [runOf([...LADDER, { model: 'mute-7b', net_JPerTok: null, at_s: 70 }])],
    'net-j-per-token',
  );
  expect(ranked.at(-1)).toMatchObject({ model: 'mute-7b', bestOfFamily: false });
});

test('without a meter speed is still ranked, and every energy is null', () => {
  const document = { ...runOf(LADDER), headline: null, summary: [] };
  const [first] = ranking([document], 'speed');
  expect(first).toMatchObject({ domain: null, net_JPerTok: null, edp_Js: null, tokPerS: 10 });
});

test('speed by size and by parameters comes from what the server says of the model', () => {
  const facts = { [`${Q4}: size_B`]: 2.5e9, [`${Q4}: params`]: '4B' };
  const [, q4] = ranking([runOf(LADDER, { facts })], 'net-j-per-token');
  expect(q4).toMatchObject({ size_B: 2.5e9, parameters: 4e9, tokPerSPerGB: 4, tokPerSPerBillion: 2.5 });
});

describe('memory', () => {
  const facts = { [`${Q4}: size_B`]: 2.5e9, [`${Q8}: size_B`]: 4.5e9 };
  type Seen = readonly [model: string, server_B: number | null, gpu_B: number | null];

  /** The ladder with a board or without, and what was read in each trial of a model in turn. */
  function ladder(seen: readonly Seen[], domain = 'soc'): RunDocument {
    const document = runOf(
      seen.map(([model], i) => trial(model, 0.5, 20 * i)),
      { facts, domain: { id: domain } },
    );
    const trials = document.trials.map((one, i) => {
      const [, server_B = null, gpu_B = null] = seen[i] ?? [];
      return { ...one, ...(server_B === null && gpu_B === null ? {} : { memory: { server_B, gpu_B } }) };
    });
    return { ...document, trials };
  }
  const rankedBy = (document: RunDocument) =>
    ranking([document], 'memory').map(({ memoryOf, memory_B, model }) => [model, memory_B, memoryOf]);

  test('is the most over the trials of server and boards together, the least first', () => {
    const seen: Seen[] = [
      [Q8, 1e9, 6e9],
      [Q8, 3e9, 5e9],
      [Q4, 1e9, 3e9],
      [Q4, 2e9, 1e9],
    ];
    expect(rankedBy(ladder(seen, 'gpu:0'))).toEqual([
      [Q4, 4e9, 'server+gpu'],
      [Q8, 8e9, 'server+gpu'],
    ]);
  });

  test('of the server alone counts where no board is metered, the file where one is', () => {
    expect(rankedBy(ladder([[Q4, 3e9, null]]))).toEqual([[Q4, 3e9, 'server']]);
    expect(rankedBy(ladder([[Q4, 3e9, null]], 'gpu:0'))).toEqual([[Q4, 2.5e9, 'file']]);
    expect(rankedBy(ladder([[Q4, null, 3e9]], 'gpu:0'))).toEqual([[Q4, 3e9, 'gpu']]);
  });

  test('is the size of the file where none was read, and null where that is not known either', () => {
    const seen: Seen[] = [
      ['mute-7b', null, null],
      [Q8, null, null],
      [Q4, 9e9, null],
    ];
    expect(rankedBy(ladder(seen))).toEqual([
      [Q8, 4.5e9, 'file'],
      [Q4, 9e9, 'server'],
      ['mute-7b', null, null],
    ]);
  });

  test('of a request that failed is none of an answer', () => {
    const document = ladder([[Q4, 3e9, null]]);
    const error = { code: 'BACKEND_TIMEOUT', message: 'no answer' };
    const trials = document.trials.map((one) => ({
      ...one,
      completion: one.completion === null ? null : { ...one.completion, error },
    }));
    expect(rankedBy({ ...document, trials })).toEqual([[Q4, 2.5e9, 'file']]);
  });

  test('changes against the run before where both are of one sort only', () => {
    const before = ladder([[Q4, 2e9, null]]);
    const earlier = { ...before, run: { ...before.run, id: 'old', startedAt: '2025-01-01T00:00:00.000Z' } };
    const changeOf = (seen: Seen) => ranking([ladder([seen])], 'memory', [earlier])[0]?.previous?.change;
    expect(changeOf([Q4, 3e9, null])).toBeCloseTo(0.5, 9);
    expect(changeOf([Q4, null, null])).toBeNull();
  });
});

test('EDP is the mean of energy by duration', () => {
  const [one] = ranking([runOf([trial(Q4, 0.5, 10), trial(Q4, 0.5, 30)])], 'edp');
  const gross_J = (one?.gross_JPerTok?.value ?? 0) * 100;
  expect(one?.edp_Js).toBeCloseTo(gross_J * 10, 9);
});

describe('the result before', () => {
  const today = runOf([trial(Q4, 0.6, 10)], { id: 'new', startedAt: '2026-03-03T00:00:00.000Z' });
  const before = runOf([trial(Q4, 0.5, 10)], { id: 'old', startedAt: '2026-02-02T00:00:00.000Z' });

  test('is the newest earlier run of the same configuration', () => {
    const older = runOf([trial(Q4, 0.1, 10)], { id: 'older', startedAt: '2026-01-01T00:00:00.000Z' });
    const [one] = ranking([today], 'net-j-per-token', [older, before]);
    expect(one?.previous).toMatchObject({ run: 'old', change: expect.closeTo(0.2, 9) });
  });

  test.each<[string, Ask]>([
    ['later', { startedAt: '2026-04-04T00:00:00.000Z' }],
    ['on another machine', { environment: { machine: 'Mac99,1' } }],
    [
      'with other settings',
      { plan: { load: { context_tok: 1, gpuOffload: null, flashAttention: null, parallel: null } } },
    ],
    ['simulated', { simulated: true }],
  ])('is none that ran %s', (_title, ask) => {
    const other = runOf([trial(Q4, 0.5, 10)], { startedAt: '2026-02-02T00:00:00.000Z', ...ask, id: 'other' });
    expect(ranking([today], 'net-j-per-token', [other])[0]?.previous).toBeNull();
  });
});

test('whatever the figures, all are listed once and in order of the metric', () => {
  const cost = fc.option(fc.double({ min: 0.01, max: 10, noNaN: true }), { nil: null });
  fc.assert(
    fc.property(
      fc.array(cost, { minLength: 1, maxLength: 8 }),
      fc.constantFrom(...RANK_METRICS),
      (costs, metric) => {
        const document = runOf(
          costs.map((net_JPerTok, i) => ({ model: `m${i}`, net_JPerTok, at_s: 20 * i })),
        );
        const ranked = ranking([document], metric);
        expect(ranked.map(({ model }) => model).sort()).toEqual(costs.map((_, i) => `m${i}`).sort());
        const { best, of } = METRICS[metric];
        const known = ranked.flatMap((one) => of(one) ?? []);
        expect(known).toEqual([...known].sort((a, b) => (best === 'least' ? a - b : b - a)));
        const places = ranked.map((one) => of(one) === null);
        expect(places).toEqual([...places].sort((a, b) => Number(a) - Number(b)));
      },
    ),
    { numRuns: 100 },
  );
});
