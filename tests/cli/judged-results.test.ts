import { describe, expect, test } from 'vitest';
import { judgeLeftOver, resultsOf } from '../../src/cli/judged-results.ts';
import type { CodeId } from '../../src/core/codes.ts';
import { LmpowerError } from '../../src/core/errors.ts';
import type { RunDocument, TrialResult } from '../../src/core/result.ts';
import type { Environment, RunRecord } from '../../src/core/run.ts';
import { planRun } from '../../src/orchestrator/plan.ts';
import type { NewResult } from '../../src/storage/store.ts';
import { newRun } from '../support/any-recording.ts';
import { captureOutput } from '../support/captured-output.ts';
import { documentOf, measuredRecording } from '../support/documents.ts';
import { scriptedWorkload } from '../support/scripted-run.ts';

const METERS = [{ id: 'powermetrics', domains: ['soc', 'cpu'] }];

interface Case {
  readonly trial?: (trial: TrialResult) => TrialResult;
  readonly codes?: readonly CodeId[];
  readonly environment?: Partial<Environment>;
  readonly sources?: typeof METERS;
  readonly headline?: string | null;
}

function recordOf({ environment, sources = METERS }: Case): RunRecord {
  const plan = planRun({ workload: scriptedWorkload(1), backend: 'x', models: ['m'] });
  const run = newRun('run');
  return {
    ...run,
    environment: { ...run.environment, ...environment },
    plan: { ...plan, identities: [], sources },
  };
}

function judgedDocument({ codes, headline, trial = (one) => one }: Case): RunDocument {
  const document = documentOf();
  const trials = document.trials.map((one) => ({
    ...trial(one),
    energy: one.energy.map((row) => ({ ...row, codes: codes ?? row.codes })),
  }));
  return { ...document, trials, headline: headline === undefined ? document.headline : headline };
}

/** Whether the one trial of a run counts as known. */
function isKnown(given: Case): boolean | undefined {
  return resultsOf(recordOf(given), judgedDocument(given))[0]?.isUsable;
}

const withCompletion = (changes: object) => (trial: TrialResult) => ({
  ...trial,
  completion: trial.completion === null ? null : { ...trial.completion, ...changes },
});

describe('a result counts as known', () => {
  test('where it was answered and has its joules', () => {
    expect(isKnown({})).toBe(true);
  });

  test.each<[string, Case]>([
    ['an error', { trial: withCompletion({ error: { code: 'BACKEND_REFUSED', message: 'no' } }) }],
    ['an answer that was cut off', { trial: withCompletion({ stopReason: 'cancelled' }) }],
    ['no answer', { trial: (trial) => ({ ...trial, completion: null }) }],
    [
      'an interruption after its answer',
      { trial: (trial) => ({ ...trial, phases: trial.phases.filter(({ kind }) => kind !== 'cooldown') }) },
    ],
    ['a void joule', { codes: ['IMPLAUSIBLE_POWER'] }],
    ['requests of others beside it', { codes: ['FOREIGN_LOAD'] }],
    [
      'a plug that was pulled while it was measured',
      { codes: ['ON_BATTERY'], environment: { powerSource: 'ac' } },
    ],
    ['readings of another time', { codes: ['REPLAYED'] }],
    ['meters that gave nothing at all', { headline: null }],
  ])('not with %s', (_what, given) => {
    expect(isKnown(given)).toBe(false);
  });

  test.each<[string, Case]>([
    ['doubts that another trial would have too', { codes: ['FEW_SAMPLES', 'THROTTLED'] }],
    ['a run that began on battery', { codes: ['ON_BATTERY'], environment: { powerSource: 'battery' } }],
    ['no meter asked for: its speed', { headline: null, sources: [] }],
  ])('with %s', (_what, given) => {
    expect(isKnown(given)).toBe(true);
  });
});

test('a run that cannot be read is told, and costs no other its results', async () => {
  const output = captureOutput();
  const saved: [string, readonly NewResult[]][] = [];
  const recording = measuredRecording();
  const plan = { ...recording.run.plan, identities: [] };
  await judgeLeftOver({
    runsToJudge: () => ['01900000-0000-7000-8000-00000000000a', 'sound'],
    load: (id) => {
      if (id !== 'sound') throw new LmpowerError('STORE_CORRUPT', 'a chunk is damaged');
      return { ...recording, run: { ...recording.run, plan } };
    },
    saveResults: (id, results) => saved.push([id, results]),
  });
  expect(saved.map(([id, results]) => [id, results.length])).toEqual([['sound', 1]]);
  expect(output.stderr()).toMatch(/run 01900000-0000 does not count as known: a chunk is damaged/);
});
