import { describe, expect, test } from 'vitest';
import { LmpowerError } from '../../src/core/errors.ts';
import type { Model } from '../../src/core/run.ts';
import { EXPERIMENTS, type ExperimentFacts, experimentOf } from '../../src/orchestrator/experiments/index.ts';
import { planRun } from '../../src/orchestrator/plan.ts';
import { loadWorkload } from '../../src/orchestrator/workload.ts';
import { bareModel } from '../support/any-model.ts';
import { scriptedWorkload } from '../support/scripted-run.ts';

const modelOf = (key: string, changes: Partial<Model> = {}): Model =>
  bareModel({ key, format: 'gguf', ...changes });

const { inference, load } = planRun({ workload: scriptedWorkload(1), backend: 'x' });
const LADDER = [
  modelOf('lab/qwen3-4b@q4_k_m', { quantization: 'Q4_K_M', bitsPerWeight: 4, size_B: 25 }),
  modelOf('lab/qwen3-4b@f16', { quantization: 'F16', bitsPerWeight: 16, size_B: 80 }),
  modelOf('lab/qwen3-4b@q8_0', { quantization: 'Q8_0', bitsPerWeight: 8, size_B: 43 }),
];
const MLX = modelOf('lab/qwen3-4b-mlx-4bit', { format: 'safetensors', bitsPerWeight: 4 });

function factsOf(changes: Partial<ExperimentFacts>): ExperimentFacts {
  return {
    models: LADDER,
    asked: [],
    workload: scriptedWorkload(1, true),
    load,
    inference,
    applies: () => false,
    ...changes,
  };
}

const arms = (id: string, changes: Partial<ExperimentFacts> = {}) => experimentOf(id).arms(factsOf(changes));
const names = (id: string, changes: Partial<ExperimentFacts> = {}): string[] =>
  arms(id, changes).map(({ name }) => name);

function refusal(work: () => unknown): LmpowerError {
  try {
    work();
  } catch (error) {
    if (error instanceof LmpowerError) return error;
  }
  throw new Error('was not refused');
}

describe('EXPERIMENTS', () => {
  test('each has an id of its own and a workload that is there', async () => {
    expect(EXPERIMENTS.map(({ id }) => id)).toEqual(['quant-ladder', 'draft', 'kv-cache', 'engine', 'cache']);
    for (const { workload } of EXPERIMENTS) expect((await loadWorkload(workload)).id).toBe(workload);
  });

  test('another id is refused with those that there are', () => {
    expect(refusal(() => experimentOf('quantladder'))).toMatchObject({
      code: 'USAGE',
      remedy: expect.stringContaining('quant-ladder, draft'),
    });
  });
});

describe('quant-ladder', () => {
  test('takes all quantizations of the only model that has several, the widest first', () => {
    expect(names('quant-ladder')).toEqual(['lab/qwen3-4b@f16', 'lab/qwen3-4b@q8_0', 'lab/qwen3-4b@q4_k_m']);
  });

  test('takes those that are named, whatever else there is', () => {
    const asked = ['lab/qwen3-4b@q4_k_m', 'lab/qwen3-4b@q8_0'];
    expect(names('quant-ladder', { asked })).toEqual(['lab/qwen3-4b@q8_0', 'lab/qwen3-4b@q4_k_m']);
  });

  test('a model of another format is no rung', () => {
    expect(names('quant-ladder', { models: [...LADDER, MLX] })).toHaveLength(3);
  });

  test('variants that the server lists under one key are rungs', () => {
    const models = [modelOf('q', { quantization: 'Q4_K_M', variants: ['q@q4_k_m', 'q@q8_0'] })];
    expect(arms('quant-ladder', { models }).map(({ model }) => model)).toEqual(['q@q8_0', 'q@q4_k_m']);
  });

  test('two models in several quantizations: one is to be named', () => {
    const other = ['m@q4_0', 'm@q8_0'].map((key) => modelOf(key, { quantization: key.slice(2) }));
    const models = [...LADDER, ...other];
    expect(refusal(() => names('quant-ladder', { models })).message).toMatch(
      /several models.*qwen3-4b.*m \(gguf\)/,
    );
    expect(names('quant-ladder', { models, asked: ['m@q4_0'] })).toHaveLength(2);
  });

  test('without a second quantization it is refused', () => {
    expect(refusal(() => names('quant-ladder', { models: LADDER.slice(0, 1) })).code).toBe('USAGE');
  });
});

describe('experiments on one model', () => {
  const asked = ['lab/qwen3-4b@q4_k_m'];

  test.each(['kv-cache', 'cache', 'draft'])('%s takes the one in memory, and refuses to guess', (id) => {
    const given = { inference: { ...inference, draftModel: 'small' } };
    const models = LADDER.map((model, place) => ({ ...model, loaded: place === 2 ? ['x'] : [] }));
    expect(arms(id, { ...given, models }).every(({ model }) => model === 'lab/qwen3-4b@q8_0')).toBe(true);
    expect(refusal(() => arms(id, given)).remedy).toContain('--model KEY');
    expect(refusal(() => arms(id, { ...given, asked: ['nobody'] })).code).toBe('MODEL_NOT_FOUND');
  });

  test('draft compares without and with the model that drafts', () => {
    const given = { asked, inference: { ...inference, draftModel: 'small' } };
    expect(arms('draft', given).map((arm) => arm.inference.draftModel)).toEqual([null, 'small']);
    expect(refusal(() => arms('draft', { asked })).remedy).toContain('--draft-model');
  });

  test('kv-cache compares types of both caches, flash attention on for all', () => {
    const loads = arms('kv-cache', { asked }).map((arm) => arm.load);
    expect(loads.map(({ kCacheType, vCacheType }) => [kCacheType, vCacheType])).toEqual([
      ['f16', 'f16'],
      ['q8_0', 'q8_0'],
      ['q4_0', 'q4_0'],
    ]);
    expect(loads.every(({ flashAttention }) => flashAttention === true)).toBe(true);
  });

  test('cache warms one side; a server with a switch is told so', () => {
    expect(arms('cache', { asked }).map(({ warmCache }) => warmCache)).toEqual([undefined, true]);
    const switched = arms('cache', { asked, applies: () => true });
    expect(switched.map((arm) => arm.inference.cachePrompt)).toEqual([false, true]);
  });

  test('cache refuses prompts that are the same each time', () => {
    const error = refusal(() => arms('cache', { asked, workload: scriptedWorkload(1) }));
    expect(error).toMatchObject({ code: 'USAGE', remedy: expect.stringContaining('cache-v1') });
  });
});

describe('engine', () => {
  test('pairs the formats of one model that are nearest in bits', () => {
    expect(arms('engine', { models: [...LADDER, MLX] }).map(({ model }) => model)).toEqual([
      'lab/qwen3-4b@q4_k_m',
      'lab/qwen3-4b-mlx-4bit',
    ]);
  });

  test('without a pair it is refused with the way to name one', () => {
    expect(refusal(() => arms('engine')).remedy).toContain('MLX-KEY');
  });
});
