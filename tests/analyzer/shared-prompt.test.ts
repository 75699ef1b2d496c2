import { describe, expect, test } from 'vitest';
import { analyze } from '../../src/analyzer/analyze.ts';
import type { CodeId } from '../../src/core/codes.ts';
import type { Recording } from '../../src/core/run.ts';
import { PLAIN, plainCourse, plainSeries, plainSession } from '../support/plain-session.ts';
import { completionOf, planOf, runRecordOf, trialOf } from '../support/recording.ts';

interface Asked {
  readonly prompt: string;
  readonly cached_tok: number;
  readonly input_tok?: number;
  readonly repetition?: number;
  readonly model?: string;
}

/** Only the counts differ between these trials; that they overlap in time does not matter here. */
function asked(requests: readonly Asked[], nonce = false): Recording {
  const trials = requests.map(({ prompt, cached_tok, input_tok = 40, repetition = 0, model = 'm' }, index) =>
    trialOf(PLAIN, {
      ...{ index, model, promptId: prompt, repetition },
      completions: [completionOf(PLAIN, { cached_tok, input_tok })],
    }),
  );
  const run = runRecordOf({ plan: planOf({ workload: { ...planOf().workload, nonce } }) });
  return plainSession({ series: [plainSeries(plainCourse())], recording: { run, trials } });
}

function hits(requests: readonly Asked[], nonce = false): boolean[] {
  const code: CodeId = 'CACHE_HIT';
  return analyze(asked(requests, nonce)).trials.map(({ energy }) => energy[0]?.codes.includes(code) ?? false);
}

describe('tokens that all prompts share', () => {
  test('a few cached tokens of the chat template, the same in different prompts, are no hit', () => {
    const requests = [
      { prompt: 'a', cached_tok: 3, input_tok: 26 },
      { prompt: 'b', cached_tok: 0, input_tok: 42 },
      { prompt: 'c', cached_tok: 4, input_tok: 85 },
    ];
    expect(hits(requests)).toEqual([false, false, false]);
  });

  test('a long system prompt that all prompts begin with is no hit either', () => {
    expect(
      hits([
        { prompt: 'a', cached_tok: 500, input_tok: 530 },
        { prompt: 'b', cached_tok: 501, input_tok: 620 },
      ]),
    ).toEqual([false, false]);
  });

  test('a prompt that was asked before is a hit, beside first ones that share the template', () => {
    const requests = [
      { prompt: 'a', cached_tok: 0 },
      { prompt: 'b', cached_tok: 3 },
      { prompt: 'c', cached_tok: 3 },
      { prompt: 'a', cached_tok: 39, repetition: 1 },
      { prompt: 'b', cached_tok: 20, repetition: 1 },
    ];
    expect(hits(requests)).toEqual([false, false, false, true, true]);
  });

  test('prompts that come whole are hits, even if all do and have one length', () => {
    expect(
      hits([
        { prompt: 'a', cached_tok: 39 },
        { prompt: 'b', cached_tok: 39 },
      ]),
    ).toEqual([true, true]);
  });

  test('one prompt alone tells of no template: whatever is cached is a hit', () => {
    const requests = [0, 1].map((repetition) => ({ prompt: 'a', cached_tok: 3, repetition }));
    expect(hits(requests)).toEqual([true, true]);
  });

  test('with a nonce each repetition is another prompt', () => {
    const requests = [0, 1].map((repetition) => ({ prompt: 'a', cached_tok: 3, repetition }));
    expect(hits(requests, true)).toEqual([false, false]);
  });

  test('each model has a template of its own', () => {
    const requests = ['m', 'n'].flatMap((model, i) =>
      ['a', 'b'].map((prompt) => ({ prompt, model, cached_tok: 3 + 12 * i })),
    );
    expect(hits(requests)).toEqual([false, false, false, false]);
    expect(hits(requests.filter(({ model, prompt }) => model === 'm' || prompt === 'a'))).toEqual([
      false,
      false,
      true,
    ]);
  });
});
