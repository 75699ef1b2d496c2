import { describe, expect, test } from 'vitest';
import { exitCodeOf, exitCodeOfNumbers } from '../../src/cli/verdict.ts';
import type { CodeId } from '../../src/core/codes.ts';
import type { RunDocument } from '../../src/core/result.ts';
import type { RunState } from '../../src/core/run.ts';
import { documentOf } from '../support/documents.ts';

interface Case {
  readonly codes?: readonly CodeId[];
  readonly railCodes?: readonly CodeId[];
  readonly state?: RunState;
  readonly failed?: boolean;
  readonly headline?: null;
}

/** A document of one trial whose headline row and rail row bear these codes. */
function documentWith({ codes = [], railCodes = [], state, failed, headline }: Case): RunDocument {
  const document = documentOf();
  const trials = document.trials.map((trial) => ({
    ...trial,
    completion:
      trial.completion === null || failed !== true
        ? trial.completion
        : { ...trial.completion, error: { code: 'BACKEND_DISCONNECTED', message: 'gone' } },
    energy: trial.energy.map((row) => ({
      ...row,
      codes: row.domain === document.headline ? codes : railCodes,
    })),
  }));
  return {
    ...document,
    ...(headline === null ? { headline } : {}),
    run: { ...document.run, state: state ?? 'finished' },
    trials,
  };
}

describe('exitCodeOf', () => {
  test.each<[string, Case, boolean, number]>([
    ['a good run', {}, false, 0],
    ['a good run, strictly', {}, true, 0],
    ['something good to know', { codes: ['DOMAIN_PARTIAL'] }, true, 0],
    ['a doubt', { codes: ['FEW_SAMPLES'] }, false, 0],
    ['a doubt, strictly', { codes: ['FEW_SAMPLES'] }, true, 4],
    ['a void headline', { codes: ['NOT_BRACKETED'] }, false, 4],
    ['a void rail under a good headline', { railCodes: ['ZERO_UNDER_LOAD'] }, true, 0],
    ['a prompt without an answer', { failed: true }, false, 4],
    ['a prompt without an answer and without a meter', { failed: true, headline: null }, false, 4],
    ['no meter', { headline: null }, true, 0],
    ['an interruption', { state: 'interrupted', codes: ['NOT_BRACKETED'] }, true, 130],
    ['a failure', { state: 'failed' }, false, 3],
  ])('%s', (_what, document, strict, code) => {
    expect(exitCodeOf(documentWith(document), strict)).toBe(code);
  });
});

describe('exitCodeOfNumbers', () => {
  test('looks at the numbers alone: a look at an interrupted run is not interrupted itself', () => {
    expect(exitCodeOfNumbers(documentWith({ state: 'interrupted' }), false)).toBe(0);
    expect(exitCodeOfNumbers(documentWith({ state: 'failed', codes: ['GAP', 'COVERAGE_LOW'] }), false)).toBe(
      4,
    );
  });
});
