import { describe, expect, test } from 'vitest';
import { LmpowerError } from '../../src/core/errors.ts';
import { describePlan, estimateDuration_s } from '../../src/orchestrator/describe-plan.ts';
import { type PlanOptions, planRun } from '../../src/orchestrator/plan.ts';
import { loadWorkload } from '../../src/orchestrator/workload.ts';
import { scriptedWorkload } from '../support/scripted-run.ts';

const BASE: PlanOptions = { workload: scriptedWorkload(2), backend: 'lmstudio' };

function refusal(options: Partial<PlanOptions>): LmpowerError {
  try {
    planRun({ ...BASE, ...options });
  } catch (error) {
    if (error instanceof LmpowerError) return error;
  }
  throw new Error('was not refused');
}

describe('planRun', () => {
  test('what is not said takes the documented default', () => {
    expect(planRun(BASE)).toMatchObject({
      url: null,
      models: [],
      samplers: [],
      interval_ms: 500,
      baseline_s: 10,
      baselineMax_s: 60,
      cooldown_s: 10,
      trials: 1,
      warmup: true,
      inference: { temperature: 0, maxOutput_tok: null },
      load: { context_tok: null, gpuOffload: null },
    });
  });

  test('the longest baseline follows the shortest, within reason', () => {
    expect(planRun({ ...BASE, baseline_s: 2 }).baselineMax_s).toBe(12);
    expect(planRun({ ...BASE, baseline_s: 120 }).baselineMax_s).toBe(300);
    expect(planRun({ ...BASE, baseline_s: 3600 }).baselineMax_s).toBe(3600);
  });

  test('a model named twice is run once', () => {
    expect(planRun({ ...BASE, models: ['a', 'b', 'a'] }).models).toEqual(['a', 'b']);
  });

  test.each([
    ['interval_ms', '--interval', [0, -1, 19, 10_001, 99.5, Number.NaN, Number.POSITIVE_INFINITY]],
    ['baseline_s', '--baseline', [0, -10, 3601, Number.NaN, Number.NEGATIVE_INFINITY]],
    ['cooldown_s', '--cooldown', [0, -1, 1e9, Number.NaN]],
    ['trials', '--trials', [0, -1, 1.5, 1e7, Number.NaN]],
  ] as const)(
    '%s is refused by the name of its flag, with the value and an example',
    (name, flag, values) => {
      for (const value of values) {
        const error = refusal({ [name]: value });
        expect(error).toMatchObject({ code: 'USAGE', exitCode: 2 });
        expect(error.message).toContain(flag);
        expect(error.message).toContain(String(value));
        expect(error.remedy).toMatch(new RegExp(`^for example: ${flag} \\d+$`));
      }
    },
  );

  test('limits themselves are allowed', () => {
    const plan = { ...BASE, baseline_s: 3600, cooldown_s: 0.2, trials: 10_000 };
    expect(planRun({ ...plan, interval_ms: 20 }).interval_ms).toBe(20);
    expect(planRun({ ...plan, interval_ms: 10_000 }).interval_ms).toBe(10_000);
  });

  test.each([
    [{ inference: { temperature: -0.1 } }, '--temperature'],
    [{ inference: { topP: 1.1 } }, '--top-p'],
    [{ inference: { maxOutput_tok: 0 } }, '--max-tokens'],
    [{ inference: { seed: Number.NaN } }, '--seed'],
    [{ load: { context_tok: -4096 } }, '--context'],
    [{ load: { gpuOffload: 2 } }, '--gpu'],
    [{ load: { parallel: 0 } }, '--parallel'],
    [{ models: [' '] }, '--model'],
    [{ url: 'localhost' }, '--url'],
    [{ url: 'file:///etc/passwd' }, '--url'],
    [{ baseline_s: 10, baselineMax_s: 5 }, '--baseline 10'],
    [{ baseline_s: 1, interval_ms: 1000 }, '--baseline 1 is too short'],
  ])('%j is refused', (options, named) => {
    expect(refusal(options)).toMatchObject({ code: 'USAGE', message: expect.stringContaining(named) });
  });

  test('words for the share on the GPU are no numbers', () => {
    expect(planRun({ ...BASE, load: { gpuOffload: 'max' } }).load.gpuOffload).toBe('max');
  });
});

describe('estimateDuration_s', () => {
  test('counts every phase once: warm-up, settling, trials, closing baseline', () => {
    const plan = planRun({ ...BASE, baseline_s: 10, cooldown_s: 5, trials: 3 });
    // 40 tokens a second and half a second before the first: the warm-up's 64 take 2.1 s, a prompt's 100 take 3 s.
    expect(estimateDuration_s(plan)).toBeCloseTo(2.1 + 5 + 6 * (10 + 3 + 5) + 10, 9);
    expect(
      estimateDuration_s(planRun({ ...BASE, baseline_s: 10, cooldown_s: 5, warmup: false })),
    ).toBeCloseTo(46, 9);
  });

  test('named models are loaded, and each is run', () => {
    const one = planRun({ ...BASE, models: ['a'] });
    expect(estimateDuration_s(planRun({ ...BASE, models: ['a', 'b'] }))).toBeCloseTo(
      2 * estimateDuration_s(one),
      9,
    );
    expect(estimateDuration_s(one)).toBeCloseTo(10 + estimateDuration_s(planRun(BASE)), 9);
  });
});

describe('describePlan', () => {
  test('says all that the run would do', async () => {
    const workload = await loadWorkload('classic-v1');
    const plan = planRun({ ...BASE, workload, samplers: ['powermetrics'], models: ['qwen'], trials: 2 });
    expect(describePlan(plan)).toEqual([
      'backend   lmstudio',
      'model     qwen',
      'workload  classic-v1 version 1: Nine prompts in three sizes: short, medium and long answers',
      'prompts   9 (3 short, 3 medium, 3 long), 2 each, 18 requests',
      'sampler   powermetrics, every 500 ms',
      'phases    warm-up; for each request baseline 10 s (to 60 s if uneven), inference, cooldown 10 s; baseline',
      'inference temperature 0, topP 1, repeatPenalty 1',
      "load      the backend's defaults",
      'takes     about 10 min 32 s if answers run to their limit',
    ]);
  });
});
