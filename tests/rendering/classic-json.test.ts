import { describe, expect, test } from 'vitest';
import { analyze } from '../../src/analyzer/analyze.ts';
import { classicJson } from '../../src/rendering/classic-json.ts';
import { plainSession } from '../support/plain-session.ts';
import { sampleRecording } from '../support/report-rows.ts';

const POWER = { min_mw: 'number', max_mw: 'number', avg_mw: 'number', sample_count: 'number' };

/** The report of the first scripts: its keys in their order, with the kinds of their values. */
const CLASSIC = {
  benchmark_id: 'string',
  model: 'string',
  summary: {
    total_prompts: 'number',
    avg_baseline_power_mw: 'number',
    avg_inference_power_mw: 'number',
    avg_cooldown_power_mw: 'number',
    avg_tokens_per_second: 'number',
  },
  prompts: [
    {
      category: 'string',
      prompt: 'string',
      response: 'string',
      timing: {
        baseline_duration_s: 'number',
        inference_duration_s: 'number',
        cooldown_duration_s: 'number',
      },
      inference_stats: {
        prompt_tokens: 'number',
        completion_tokens: 'number',
        tokens_per_second: 'number',
        time_to_first_token_ms: 'number',
        inference_duration_s: 'number',
      },
      power_consumption: { baseline: POWER, inference: POWER, cooldown: POWER },
    },
  ],
};

function kindsOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(kindsOf);
  if (typeof value !== 'object' || value === null) return value === null ? 'null' : typeof value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, kindsOf(inner)]));
}

describe('classicJson', () => {
  test('has the keys of the first scripts, in their order, and no other', () => {
    expect(JSON.stringify(kindsOf(classicJson(analyze(plainSession()))))).toBe(JSON.stringify(CLASSIC));
  });

  test('is in milliwatts, milliseconds and a timestamp of microseconds without zone', () => {
    expect(classicJson(analyze(plainSession()))).toMatchObject({
      benchmark_id: '2026-01-01T00:00:00.000000',
      summary: { total_prompts: 1, avg_baseline_power_mw: expect.closeTo(5000, 3) },
      prompts: [
        {
          timing: { baseline_duration_s: 10, inference_duration_s: 14, cooldown_duration_s: 10 },
          inference_stats: { completion_tokens: 10, time_to_first_token_ms: 3500 },
          power_consumption: { inference: { avg_mw: expect.closeTo(30_000, 3), sample_count: 28 } },
        },
      ],
    });
  });

  test('without a meter powers are null and counts 0, never a power of 0', () => {
    expect(classicJson(analyze(plainSession({ series: [] })))).toMatchObject({
      summary: { avg_inference_power_mw: null },
      prompts: [
        { power_consumption: { inference: { min_mw: null, max_mw: null, avg_mw: null, sample_count: 0 } } },
      ],
    });
  });

  test('a run of several models is refused', () => {
    expect(() => classicJson(analyze(sampleRecording({ repetitions: 1 })))).toThrow(
      /one model, this run has 4/,
    );
  });
});
