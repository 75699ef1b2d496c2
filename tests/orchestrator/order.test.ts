import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { trialGroups } from '../../src/orchestrator/order.ts';
import { planRun } from '../../src/orchestrator/plan.ts';
import { scriptedWorkload } from '../support/scripted-run.ts';

interface Shape {
  readonly models: number;
  readonly prompts: number;
  readonly trials: number;
}

function groupsOf({ models, prompts, trials }: Shape, order: 'grouped' | 'interleaved') {
  const names = Array.from({ length: models }, (_, i) => `m${i}`);
  return trialGroups(
    planRun({ workload: scriptedWorkload(prompts), backend: 'x', models: names, trials, order }),
  );
}

/** `a0 b0` …: letter of the model, number of the prompt. */
function text(groups: ReturnType<typeof groupsOf>): string {
  return groups
    .flatMap(({ trials }) => trials.map(({ model, prompt }) => `${'abc'[model]}${prompt.id.slice(1)}`))
    .join(' ');
}

describe('trialGroups', () => {
  test('grouped: one model after the other, each with all prompts, repetition by repetition', () => {
    const groups = groupsOf({ models: 2, prompts: 2, trials: 2 }, 'grouped');
    expect(groups.map(({ models }) => models)).toEqual([[0], [1]]);
    expect(text(groups)).toBe('a0 a1 a0 a1 b0 b1 b0 b1');
  });

  test('interleaved: A B B A over the repetitions of one prompt', () => {
    const groups = groupsOf({ models: 2, prompts: 1, trials: 4 }, 'interleaved');
    expect(groups.map(({ models }) => models)).toEqual([[0, 1]]);
    expect(text(groups)).toBe('a0 b0 b0 a0 a0 b0 b0 a0');
  });

  test('interleaved with an even number of prompts: no prompt is always asked of the same model first', () => {
    expect(text(groupsOf({ models: 2, prompts: 2, trials: 2 }, 'interleaved'))).toBe(
      'a0 b0 b1 a1 b0 a0 a1 b1',
    );
  });

  test('three models take turns forwards and backwards', () => {
    expect(text(groupsOf({ models: 3, prompts: 1, trials: 2 }, 'interleaved'))).toBe('a0 b0 c0 c0 b0 a0');
  });

  const anyShape = fc.record({
    models: fc.integer({ min: 2, max: 4 }),
    prompts: fc.integer({ min: 1, max: 5 }),
    trials: fc.integer({ min: 1, max: 6 }),
  });

  test('either order asks the same of everybody, once, and numbers on from 0', () => {
    fc.assert(
      fc.property(anyShape, (shape) => {
        const asked = (order: 'grouped' | 'interleaved') =>
          groupsOf(shape, order).flatMap(({ trials }) => trials);
        const keys = (order: 'grouped' | 'interleaved'): string[] =>
          asked(order)
            .map(({ model, prompt, repetition }) => `${model} ${prompt.id} ${repetition}`)
            .sort();
        expect(keys('interleaved')).toEqual(keys('grouped'));
        expect(new Set(keys('interleaved')).size).toBe(shape.models * shape.prompts * shape.trials);
        for (const order of ['grouped', 'interleaved'] as const) {
          expect(asked(order).map(({ index }) => index)).toEqual(asked(order).map((_, place) => place));
        }
      }),
    );
  });

  test('interleaved with an even number of repetitions: linear drift falls on every model of a prompt alike', () => {
    fc.assert(
      fc.property(anyShape, ({ models, prompts, trials }) => {
        const shape = { models, prompts, trials: 2 * trials };
        const asked = groupsOf(shape, 'interleaved').flatMap((group) => group.trials);
        for (let prompt = 0; prompt < prompts; prompt++) {
          const places = Array.from({ length: models }, (_, model) =>
            asked
              .filter((spec) => spec.model === model && spec.prompt.id === `p${prompt}`)
              .reduce((sum, { index }) => sum + index, 0),
          );
          expect(new Set(places).size).toBe(1);
        }
      }),
    );
  });
});
