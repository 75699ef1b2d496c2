import { describe, expect, test } from 'vitest';
import { recordingFaults } from '../../src/analyzer/recording-faults.ts';
import type { Completion, Recording, Trial } from '../../src/core/run.ts';
import type { SampleSeries } from '../../src/core/sample.ts';
import { completionOf, planOf, recordingOf, runRecordOf, trialOf } from '../support/recording.ts';

const series = (part: Partial<SampleSeries> = {}): SampleSeries => ({
  domain: 'soc',
  kind: 'mean',
  start_s: Float64Array.of(0, 1, 2),
  end_s: Float64Array.of(1, 2, 3),
  energy_J: Float64Array.of(5, 0, 6),
  startPower_W: new Float64Array(),
  endPower_W: new Float64Array(),
  ...part,
});

const trial = (index: number, part: Partial<Trial> = {}): Trial => {
  const from_s = 30 * index;
  const times = {
    baseline_s: from_s,
    requested_s: from_s + 10,
    ended_s: from_s + 20,
    cooledDown_s: from_s + 30,
  };
  return trialOf(times, { index, repetition: index, ...part });
};

const answered = (part: Partial<Completion>): Trial =>
  trial(0, { completions: [completionOf({ requested_s: 10, ended_s: 20 }, part)] });

function recording(part: Partial<Recording> = {}): Recording {
  return recordingOf({
    run: runRecordOf({ plan: planOf({ trials: 2 }) }),
    series: [series()],
    trials: [trial(0), trial(1)],
    phases: [{ kind: 'baseline', start_s: 60, end_s: 70 }],
    marks: [
      { monotonic_s: 0, wallAt: '2026-01-01T00:00:00Z' },
      { monotonic_s: 70, wallAt: '2026-01-01T00:01:10Z' },
    ],
    ...part,
  });
}

const withAnswer = (part: Partial<Completion>): Recording =>
  recording({ trials: [answered(part), trial(1)] });

describe('recordingFaults', () => {
  test('a sound recording has none, and neither has one that was cut off', () => {
    expect(recordingFaults(recording())).toEqual([]);
    const cut = recording({ run: runRecordOf({ state: 'interrupted', plan: planOf({ trials: 9 }) }) });
    expect(recordingFaults(cut)).toEqual([]);
    expect(
      recordingFaults(recording({ trials: [], series: [], run: runRecordOf({ state: 'running' }) })),
    ).toEqual([]);
  });

  test('a rule to stop and a model that could not be had leave numbers free', () => {
    const until = { ciRatio: 0.03, leastTrials: 10, mostTrials: 50, most_s: 3600 };
    const trials = [trial(0), trial(7)];
    const stopped = recording({ trials, run: runRecordOf({ plan: planOf({ trials: 9, until }) }) });
    expect(recordingFaults(stopped)).toEqual([]);
    expect(recordingFaults(recording({ trials, run: runRecordOf({ state: 'failed' }) }))).toEqual([]);
    const twice = recordingFaults(
      recording({ trials: [trial(1), trial(1)], run: runRecordOf({ state: 'failed' }) }),
    );
    expect(twice.map(({ what }) => what)).toContainEqual(expect.stringContaining('out of order'));
  });

  test('the inference phase of a block goes from its first request to its last answer', () => {
    const requests = [10, 12, 15].map((requested_s, i) =>
      completionOf({ requested_s, ended_s: [12, 15, 20][i] ?? 20 }),
    );
    const block = trial(0, { block: true, completions: requests });
    expect(recordingFaults(recording({ trials: [block, trial(1)] }))).toEqual([]);
    const retried = recordingFaults(recording({ trials: [trial(0, { completions: requests }), trial(1)] }));
    expect(retried.map(({ what }) => what)).toEqual(['the inference phase is not the time of the answer']);
  });

  test.each<[string, Recording]>([
    ['energy is no energy', recording({ series: [series({ energy_J: Float64Array.of(5, Number.NaN, 6) })] })],
    ['energy is no energy', recording({ series: [series({ energy_J: Float64Array.of(5, -1, 6) })] })],
    ['end before they begin', recording({ series: [series({ start_s: Float64Array.of(0, 2.5, 2) })] })],
    [
      'out of order',
      recording({ series: [series({ end_s: Float64Array.of(2, 1, 3), start_s: Float64Array.of(0, 0, 0) })] }),
    ],
    [
      'at no time',
      recording({ series: [series({ end_s: Float64Array.of(1, 2, Number.POSITIVE_INFINITY) })] }),
    ],
    ['never declared', recording({ series: [series({ domain: 'gpu:0' })] })],
    ['different lengths', recording({ series: [series({ energy_J: Float64Array.of(1, 2) })] })],
    ['ends before it begins', recording({ phases: [{ kind: 'idle', start_s: 2, end_s: 1 }] })],
    ['trial 1 is missing', recording({ trials: [trial(0), trial(2)] })],
    [
      'begins before the trial before it ends',
      recording({ trials: [trial(1, { index: 0 }), trial(0, { index: 1 })] }),
    ],
    ['1 trials, 2 were planned', recording({ trials: [trial(0)] })],
    ['clock ran backwards', recording({ marks: [...recording().marks].reverse() })],
    ['first token, last token', withAnswer({ firstToken_s: 9, lastToken_s: 12 })],
    ['not the time of the answer', withAnswer({ ended_s: 21 })],
    ['prompt processing', withAnswer({ promptStart_s: 12, promptEnd_s: 11 })],
    ['tokens arrive', withAnswer({ tokens: [{ arrival_s: 25, count_tok: 1, sort: 'content' }] })],
    ['a count', withAnswer({ output_tok: -3 })],
    ['a count', withAnswer({ input_tok: 2.5 })],
  ])('%s', (what, damaged) => {
    expect(recordingFaults(damaged).map((fault) => fault.what)).toContainEqual(expect.stringContaining(what));
  });

  test('a phase that begins within the one before it is found', () => {
    const [baseline, inference, cooldown] = trial(0).phases;
    if (baseline === undefined || inference === undefined || cooldown === undefined)
      throw new Error('no phases');
    const phases = [{ ...baseline, end_s: 15 }, inference, cooldown];
    const faults = recordingFaults(recording({ trials: [trial(0, { phases }), trial(1)] }));
    expect(faults).toEqual([{ what: 'inference begins before the phase before it ends', where: 'trial 0' }]);
  });
});
