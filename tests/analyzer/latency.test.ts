import { describe, expect, test } from 'vitest';
import { latencyOf } from '../../src/analyzer/latency.ts';
import { tokenCounts } from '../../src/analyzer/token-counts.ts';
import { completionOf } from '../support/recording.ts';

const span = { requested_s: 100, ended_s: 110 };

describe('latencyOf', () => {
  test('times run from the request; decode counts the tokens after the first delta', () => {
    const latency = latencyOf(completionOf(span, { firstToken_s: 102, lastToken_s: 109.2 }));
    expect(latency).toMatchObject({
      ttft_s: 2,
      prefill_s: 2,
      prefillSource: 'ttft',
      queue_s: null,
      duration_s: 10,
      decode_tok: 9,
      decodeSource: 'deltas',
      prefillTokPerS: 10,
    });
    expect(latency.tpot_s).toBeCloseTo(0.8, 9);
    expect(latency.decodeTokPerS).toBeCloseTo(1.25, 9);
  });

  test("the server's own prompt window is preferred, and what comes before it is the queue", () => {
    const latency = latencyOf(completionOf(span, { promptStart_s: 100.5, promptEnd_s: 101 }));
    expect(latency).toMatchObject({
      queue_s: 0.5,
      prefill_s: 0.5,
      prefillSource: 'server',
      prefillTokPerS: 40,
    });
  });

  test('cached prompt tokens are not prefilled', () => {
    const served = { promptStart_s: 100, promptEnd_s: 101 };
    expect(latencyOf(completionOf(span, { ...served, cached_tok: 15 })).prefillTokPerS).toBe(5);
    expect(latencyOf(completionOf(span, { ...served, cached_tok: 20 })).prefillTokPerS).toBeNull();
  });

  test('the first answer token is the first that is no reasoning', () => {
    const tokens = [
      { arrival_s: 101, count_tok: 1, sort: 'reasoning' as const },
      { arrival_s: 104, count_tok: 1, sort: 'content' as const },
    ];
    expect(latencyOf(completionOf(span, { tokens, firstToken_s: 101, lastToken_s: 104 }))).toMatchObject({
      ttft_s: 1,
      ttfo_s: 4,
    });
  });

  test('an answer without a token has a duration and nothing else', () => {
    const silent = { tokens: [], firstToken_s: null, lastToken_s: null, output_tok: null };
    expect(latencyOf(completionOf(span, silent))).toEqual({
      ttft_s: null,
      ttfo_s: null,
      queue_s: null,
      prefill_s: null,
      prefillSource: null,
      tpot_s: null,
      duration_s: 10,
      decode_tok: null,
      decodeSource: null,
      prefillTokPerS: null,
      decodeTokPerS: null,
    });
  });
});

describe('tokenCounts', () => {
  const uncounted = completionOf(span).tokens.map((token) => ({ ...token, count_tok: null }));

  test('where deltas do not say how many they carry, all but one output token are decoded', () => {
    expect(tokenCounts(completionOf(span, { tokens: uncounted, output_tok: 25 }))).toMatchObject({
      decode_tok: 24,
      decodeSource: 'output',
      delta_tok: null,
      estimated: false,
    });
  });

  test('deltas are counted as tokens where there is nothing better, and marked', () => {
    const counts = tokenCounts(completionOf(span, { tokens: uncounted, output_tok: null }));
    expect(counts).toMatchObject({ output_tok: 10, decode_tok: 9, estimated: true });
    expect(tokenCounts(completionOf(span, { tokenSource: 'chunks' })).estimated).toBe(true);
  });

  test('what nobody counted stays unknown', () => {
    expect(tokenCounts(completionOf(span, { input_tok: null })).prefill_tok).toBeNull();
    expect(tokenCounts(completionOf(span, { tokens: [], output_tok: null })).output_tok).toBeNull();
  });
});
