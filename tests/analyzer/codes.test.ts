import { describe, expect, test } from 'vitest';
import { analyze } from '../../src/analyzer/analyze.ts';
import { type CodeId, severityOf } from '../../src/core/codes.ts';
import type { EnergyRow } from '../../src/core/result.ts';
import type { Recording, Trial } from '../../src/core/run.ts';
import type { Observation, RecordedEvent, SampleSeries } from '../../src/core/sample.ts';
import { PLAIN, plainCourse, plainSeries, plainSession } from '../support/plain-session.ts';
import { edgesBetween, gaugeSeries, meanSeries, stepsThrough } from '../support/power-course.ts';
import { completionOf, domainOf, environmentOf, planOf, runRecordOf, trialOf } from '../support/recording.ts';

function rowOf(recording: Recording, domain = 'soc'): EnergyRow {
  const row = analyze(recording).trials[0]?.energy.find((one) => one.domain === domain);
  if (row === undefined) throw new Error(`no row of ${domain}`);
  return row;
}

/** Samples of a series for which `isKept` holds. */
function kept(series: SampleSeries, isKept: (end_s: number, index: number) => boolean): SampleSeries {
  const keep = (values: Float64Array): Float64Array =>
    values.filter((_, i) => isKept(series.end_s[i] ?? Number.NaN, i));
  return {
    ...series,
    start_s: keep(series.start_s),
    end_s: keep(series.end_s),
    energy_J: keep(series.energy_J),
  };
}

function scaled(series: SampleSeries, factor: (end_s: number) => number): SampleSeries {
  return {
    ...series,
    energy_J: series.energy_J.map((energy_J, i) => energy_J * factor(series.end_s[i] ?? 0)),
  };
}

function event(code: CodeId, at_s: number, part: Partial<RecordedEvent> = {}): RecordedEvent {
  return { code, source: 'meter', at_s, domain: null, detail: '', ...part };
}

function observed(name: string, ...values: readonly (readonly [number, string])[]): Partial<Recording> {
  return {
    observations: values.map(([at_s, value]): Observation => ({ source: 'meter', name, at_s, value })),
  };
}

const mark = (monotonic_s: number, wall_s: number) => ({
  monotonic_s,
  wallAt: new Date(Date.UTC(2026, 0, 1) + wall_s * 1000).toISOString(),
});

const soc = plainSeries();
const cpu = plainSeries(plainCourse(), 'cpu');
const cpuDomain = domainOf({ id: 'cpu', rank: 0, parent: 'soc' });
const nineRepetitions = (factor: (repetition: number) => number): Recording => {
  const trials = Array.from({ length: 9 }, (_, i) => {
    const shift = i * 40;
    const at = {
      baseline_s: PLAIN.baseline_s + shift,
      requested_s: PLAIN.requested_s + shift,
      ended_s: PLAIN.ended_s + shift,
      cooledDown_s: PLAIN.cooledDown_s + shift,
    };
    return trialOf(at, { index: i, repetition: i });
  });
  const steps = trials.flatMap((_, i) => [
    [PLAIN.requested_s + 40 * i, 30 * factor(i)] as const,
    [PLAIN.ended_s + 40 * i, 5] as const,
  ]);
  const course = stepsThrough([[0, 5], ...steps], 400);
  return plainSession({
    series: [meanSeries(course, { edges_s: edgesBetween({ from_s: 0.2, to_s: 390 }, 0.5) })],
    recording: { trials, phases: [] },
  });
};

/** Everything that one code is for, and nothing else: the recording and the code its row must carry. */
const PROVOKED: Partial<Record<CodeId, Recording>> = {
  NOT_BRACKETED: plainSession({ series: [kept(soc, (end_s) => end_s < 24.9)] }),
  GAP: plainSession({ series: [kept(soc, (end_s) => end_s < 18 || end_s > 18.5)] }),
  COVERAGE_LOW: plainSession({ series: [kept(soc, (end_s) => end_s < 16 || end_s > 18)] }),
  FEW_SAMPLES: plainSession({
    series: [meanSeries(plainCourse(), { edges_s: edgesBetween({ from_s: 0.2, to_s: 49 }, 3.7) })],
  }),
  PARTS_UNRESOLVED: plainSession({
    series: [meanSeries(plainCourse(), { edges_s: edgesBetween({ from_s: 0.2, to_s: 49 }, 1.3) })],
  }),
  DURATION_MISMATCH: plainSession({
    series: [{ ...soc, start_s: soc.start_s.map((t_s, i) => (i > 36 && i < 39 ? t_s - 0.5 : t_s)) }],
  }),
  BATCHED_COUNTER: plainSession({
    series: [
      {
        ...soc,
        energy_J: soc.energy_J.map((_, i) =>
          i % 4 === 3 ? soc.energy_J.slice(i - 3, i + 1).reduce((a, b) => a + b) : 0,
        ),
      },
    ],
  }),
  STALE_READING: plainSession({
    domain: { kind: 'gauge' },
    series: [gaugeSeries(plainCourse(), { edges_s: edgesBetween({ from_s: 0.2, to_s: 49 }, 0.5) })],
  }),
  ZERO_UNDER_LOAD: plainSession({
    series: [soc, scaled(cpu, (end_s) => (end_s > 12 && end_s < 20 ? 0 : 0.5))],
    recording: { domains: [domainOf(), cpuDomain] },
  }),
  RAIL_MISSING: plainSession({
    series: [kept(soc, (end_s) => end_s < 18 || end_s > 18.5), cpu],
    recording: { domains: [domainOf(), cpuDomain] },
  }),
  IMPLAUSIBLE_POWER: plainSession({ series: [scaled(soc, (end_s) => (end_s > 18 && end_s < 18.6 ? 3 : 1))] }),
  UNIT_SUSPECT: plainSession({ series: [scaled(soc, () => 1000)] }),
  SAMPLER_STALLED: plainSession({ recording: { events: [event('SAMPLER_STALLED', 18)] } }),
  SAMPLER_DIED: plainSession({
    series: [kept(soc, (end_s) => end_s < 20)],
    recording: { events: [event('SAMPLER_DIED', 20.1)] },
  }),
  GARBAGE: plainSession({ recording: { events: [event('GARBAGE', 18)] } }),
  RING_OVERFLOW: plainSession({ recording: { events: [event('RING_OVERFLOW', 18)] } }),
  WINDOW_SKEW: plainSession({ recording: { events: [event('WINDOW_SKEW', 18)] } }),
  COUNTER_RESET: plainSession({ recording: { events: [event('COUNTER_RESET', 18)] } }),
  COUNTER_DISAGREES: plainSession({ recording: { events: [event('COUNTER_DISAGREES', 18)] } }),
  SECOND_SAMPLER: plainSession({ recording: { events: [event('SECOND_SAMPLER', 18)] } }),
  FOREIGN_LOAD: plainSession({
    recording: { events: [event('FOREIGN_LOAD', PLAIN.baseline_s, { source: 'orchestrator' })] },
  }),
  ALIGNMENT_POOR: plainSession({
    series: [
      {
        ...soc,
        start_s: soc.start_s.map((t_s, i) => t_s + 0.07 * (i % 6)),
        end_s: soc.end_s.map((t_s, i) => t_s + 0.07 * (i % 6)),
      },
    ],
  }),
  BASELINE_MISSING: plainSession({
    recording: {
      phases: [],
      trials: [
        trialOf(PLAIN, { phases: [{ kind: 'inference', start_s: PLAIN.requested_s, end_s: PLAIN.ended_s }] }),
      ],
    },
  }),
  BASELINE_ONE_SIDED: plainSession({ recording: { phases: [] } }),
  BASELINE_DRIFT: plainSession({ course: plainCourse(8) }),
  BASELINE_NOISY: plainSession({
    series: [scaled(soc, (end_s) => (end_s < 11 ? 1 + 0.8 * Math.sin(3 * end_s) : 1))],
  }),
  THROTTLED: plainSession({
    recording: observed('thermal_pressure', [1, 'Nominal'], [15, 'Heavy'], [16, 'Nominal']),
  }),
  ON_BATTERY: plainSession({
    recording: { run: runRecordOf({ environment: environmentOf({ powerSource: 'battery' }) }) },
  }),
  LOW_POWER_MODE: plainSession({
    recording: { run: runRecordOf({ environment: environmentOf({ lowPowerMode: true }) }) },
  }),
  MACHINE_SLEPT: plainSession({ recording: { marks: [mark(0, 0), mark(30, 600)] } }),
  CLOCK_STEP: plainSession({ recording: { marks: [mark(0, 0), mark(30, -3600)] } }),
  CACHE_HIT: plainSession({ completion: { cached_tok: 12 } }),
  CACHE_UNKNOWN: plainSession({ completion: { cached_tok: null } }),
  LENGTH_MISMATCH: plainSession({ completion: { output_tok: 17 } }),
  EARLY_EOS: plainSession({
    recording: {
      run: runRecordOf({ plan: planOf({ workload: { ...planOf().workload, identity: 'lexicon' } }) }),
    },
  }),
  COUNT_ESTIMATED: plainSession({ completion: { tokenSource: 'chunks' } }),
  MODEL_MISMATCH: plainSession({ completion: { error: { code: 'MODEL_MISMATCH', message: 'another one' } } }),
  MODEL_REMOTE: plainSession({ completion: { error: { code: 'MODEL_REMOTE', message: 'elsewhere' } } }),
  REQUEST_FAILED: plainSession({ completion: { error: { code: 'BACKEND_DISCONNECTED', message: 'gone' } } }),
  TRIAL_INTERRUPTED: plainSession({
    completion: {
      error: { code: 'INTERRUPTED', message: 'interrupted: the answer' },
      stopReason: 'cancelled',
    },
  }),
  RETRIED: plainSession({
    recording: {
      trials: [
        trialOf(PLAIN, { completions: [completionOf({ requested_s: 5, ended_s: 6 }), completionOf(PLAIN)] }),
      ],
    },
  }),
  CONFIG_NOT_APPLIED: plainSession({
    recording: {
      run: runRecordOf({
        environment: environmentOf({
          settings: [{ name: 'context_tok', requested: 8192, effective: 4096, source: 'server' }],
        }),
      }),
    },
  }),
  DOMAIN_PARTIAL: plainSession(),
  NET_NEGATIVE: plainSession({ series: [scaled(soc, (end_s) => (end_s > 11.5 && end_s < 25 ? 0.1 : 1))] }),
  BOUND_LARGE: plainSession({ domain: { misalignment_s: 0.2 } }),
  OUTLIER: nineRepetitions((i) => (i === 0 ? 1.9 : 1 + 0.01 * i)),
  SIMULATED: plainSession({ recording: { run: runRecordOf({ simulated: true }) } }),
};

describe('codes', () => {
  test.each(Object.entries(PROVOKED))('%s is said of the row it is for', (code, recording) => {
    expect(rowOf(recording).codes).toContain(code);
  });

  test.each(Object.entries(PROVOKED))(
    '%s is not said of a good trial, and stands in the warnings',
    (code, recording) => {
      if (code !== 'DOMAIN_PARTIAL') expect(rowOf(plainSession()).codes).not.toContain(code);
      expect(analyze(recording).warnings).toContainEqual(
        expect.objectContaining({ code, severity: severityOf(code as CodeId) }),
      );
    },
  );

  test.each(Object.entries(PROVOKED).filter(([code]) => severityOf(code as CodeId) === 'void'))(
    '%s withholds every joule, and nothing else does',
    (_code, recording) => {
      const row = rowOf(recording);
      expect(row).toMatchObject({
        gross_J: null,
        net_J: null,
        prefill: null,
        decode: null,
        tokPerSPerW: null,
      });
      expect(row.uncertainty.bound_J).toBeNull();
    },
  );

  test('a row without a void code has its joules', () => {
    for (const recording of Object.values(PROVOKED)) {
      const row = rowOf(recording);
      const isWithheld = row.codes.some((code) => severityOf(code) === 'void');
      expect(row.gross_J === null).toBe(isWithheld);
    }
  });

  test('codes come in table order, each once', () => {
    const { codes } = rowOf(
      plainSession({ domain: { misalignment_s: 0.2 }, completion: { cached_tok: null } }),
    );
    expect(codes).toEqual(['CACHE_UNKNOWN', 'DOMAIN_PARTIAL', 'BOUND_LARGE']);
  });
});

describe('codes of a summary', () => {
  test('TRIALS_CORRELATED where neighbouring trials resemble each other, and not where they do not', () => {
    const codesOf = (factor: (i: number) => number): readonly CodeId[] =>
      analyze(nineRepetitions(factor)).summary[0]?.codes ?? [];
    expect(codesOf((i) => 1 + 0.05 * i)).toContain('TRIALS_CORRELATED');
    expect(codesOf((i) => 1 + 0.05 * ((i * 4) % 9))).not.toContain('TRIALS_CORRELATED');
  });
});

describe('OUTSIDE_REFERENCE', () => {
  const answered = (model: string, parts: Partial<Trial> & { input_tok?: number } = {}) => {
    const { input_tok = 12, ...rest } = parts;
    return analyze(
      plainSession({
        recording: {
          trials: [trialOf(PLAIN, { model, completions: [completionOf(PLAIN, { input_tok })], ...rest })],
        },
      }),
    );
  };

  test('stands in summary and warnings where a model of this size has never been seen to use as much', () => {
    // 42 J per token; published for 4B: 0.05 to 3.
    const document = answered('qwen3-4b');
    expect(document.summary.map(({ codes }) => codes.includes('OUTSIDE_REFERENCE'))).toEqual([true, true]);
    expect(document.warnings).toContainEqual(
      expect.objectContaining({ code: 'OUTSIDE_REFERENCE', severity: 'info', count: 1 }),
    );
  });

  test('is not said of a model whose size is unknown, nor of long prompts with short answers', () => {
    for (const document of [answered('some-model'), answered('qwen3-4b', { input_tok: 1000 })])
      expect(document.summary.flatMap(({ codes }) => codes)).not.toContain('OUTSIDE_REFERENCE');
  });
});

describe('codes touch only the time they are about', () => {
  test.each(['SAMPLER_STALLED', 'GARBAGE', 'WINDOW_SKEW', 'COUNTER_RESET'] as const)(
    '%s long before or after the request leaves its row alone',
    (code) => {
      for (const at_s of [5, 40]) {
        expect(rowOf(plainSession({ recording: { events: [event(code, at_s)] } })).codes).not.toContain(code);
      }
    },
  );

  test('a meter that died for good is missed in every later window, but not before', () => {
    const series = [kept(soc, (end_s) => end_s < 30)];
    const recording = plainSession({ series, recording: { events: [event('SAMPLER_DIED', 30.1)] } });
    expect(rowOf(recording).codes).not.toContain('SAMPLER_DIED');
    expect(analyze(recording).warnings.map((one) => one.code)).toContain('SAMPLER_DIED');
    const dead = [kept(soc, (end_s) => end_s < 5)];
    const late = rowOf(plainSession({ series: dead, recording: { events: [event('SAMPLER_DIED', 5.1)] } }));
    expect(late.codes).toEqual(expect.arrayContaining(['SAMPLER_DIED', 'NOT_BRACKETED', 'FEW_SAMPLES']));
  });

  test('a frame that publishes what several used is no implausible power, however large its own looks', () => {
    const batched = PROVOKED.BATCHED_COUNTER;
    if (batched === undefined) throw new Error('no recording');
    const peak = event('IMPLAUSIBLE_POWER', 18, { domain: 'soc' });
    const document = analyze({ ...batched, events: [peak] });
    expect(document.trials[0]?.energy[0]?.codes).not.toContain('IMPLAUSIBLE_POWER');
    expect(document.trials[0]?.energy[0]?.gross_J).not.toBeNull();
    expect(document.warnings.map((one) => one.code)).not.toContain('IMPLAUSIBLE_POWER');
    expect(rowOf({ ...plainSession(), events: [peak] }).codes).toContain('IMPLAUSIBLE_POWER');
  });

  test('an event of one domain, or of another meter, is not held against the others', () => {
    const events = [
      event('COUNTER_RESET', 18, { domain: 'gpu' }),
      event('WINDOW_SKEW', 18, { source: 'other' }),
    ];
    const other = domainOf({ id: 'wall', source: 'other', rank: 0 });
    const recording = plainSession({
      series: [soc, plainSeries(plainCourse(), 'wall')],
      recording: { domains: [domainOf(), other], events },
    });
    expect(rowOf(recording).codes).not.toContain('COUNTER_RESET');
    expect(rowOf(recording).codes).not.toContain('WINDOW_SKEW');
    expect(rowOf(recording, 'wall').codes).toContain('WINDOW_SKEW');
  });

  test('thermal pressure that had passed, a resting GPU, and wall time that only drifts are no doubts', () => {
    const cooled = plainSession({ recording: observed('thermal_pressure', [1, 'Heavy'], [5, 'Nominal']) });
    expect(rowOf(cooled).codes).not.toContain('THROTTLED');
    const resting = plainSession({
      series: [soc, scaled(plainSeries(plainCourse(), 'gpu'), () => 0)],
      recording: { domains: [domainOf(), domainOf({ id: 'gpu', rank: 0, parent: 'soc' })] },
    });
    expect(rowOf(resting).codes).toEqual(['DOMAIN_PARTIAL']);
    expect(rowOf(plainSession({ recording: { marks: [mark(0, 0), mark(30, 30.3)] } })).codes).not.toContain(
      'CLOCK_STEP',
    );
  });

  test('zero power of the processor is held against the sum that contains it', () => {
    const zero = PROVOKED.ZERO_UNDER_LOAD;
    if (zero === undefined) throw new Error('no recording');
    expect(rowOf(zero, 'cpu').codes).toContain('ZERO_UNDER_LOAD');
    expect(rowOf(zero, 'soc').gross_J).toBeNull();
  });

  test('a nonce answers for a server that does not tell of its cache', () => {
    const plan = planOf({ workload: { ...planOf().workload, nonce: true } });
    const recording = plainSession({
      completion: { cached_tok: null },
      recording: { run: runRecordOf({ plan }) },
    });
    expect(rowOf(recording).codes).not.toContain('CACHE_UNKNOWN');
  });

  test('a hole that hides more than 1 % of net costs a grade', () => {
    expect(rowOf(plainSession()).grade).toBe('A');
    const holed = PROVOKED.GAP;
    if (holed === undefined) throw new Error('no recording');
    expect(rowOf(holed)).toMatchObject({ grade: 'B', coverage: expect.closeTo(1 - 0.5 / 14, 6) });
  });

  test('a running mean over a window shorter than five averaging times is never grade A', () => {
    const series = [
      gaugeSeries(plainCourse(), { edges_s: edgesBetween({ from_s: 0.2, to_s: 49 }, 0.1) }),
    ].map((one) => ({
      ...one,
      kind: 'averaged' as const,
      endPower_W: one.endPower_W.map((power_W, i) => power_W + 1e-6 * i),
    }));
    const gradeAt = (averaging_s: number): string =>
      rowOf(plainSession({ series, domain: { kind: 'averaged', averaging_s } })).grade;
    expect(gradeAt(1)).toBe('A');
    expect(gradeAt(3)).toBe('B');
  });
});
