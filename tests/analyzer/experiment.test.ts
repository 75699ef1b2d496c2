import { describe, expect, test } from 'vitest';
import { experimentOf } from '../../src/analyzer/experiment.ts';
import type { PlanArm } from '../../src/core/arms.ts';
import type { RunDocument } from '../../src/core/result.ts';
import { type ComparedTrial, comparedRun } from '../support/compared-runs.ts';
import { planOf } from '../support/recording.ts';

const { inference, load } = planOf();
const arm = (name: string): PlanArm => ({ name, model: 'm', load, inference });

/** Four trials of each side, two of each prompt, `b` a tenth dearer. */
function experiment(
  names: readonly string[],
  changes: (trial: ComparedTrial) => object = () => ({}),
): RunDocument {
  const trials = names.flatMap((model, side) =>
    [0, 1, 2, 3].map((place) => ({
      model,
      net_JPerTok: (0.5 + 0.001 * place) * (1 + 0.1 * side),
      at_s: 100 * place + 10 * (place % 2 === side ? 0 : 1),
      promptId: `p${place % 2}`,
      repetition: place >> 1,
    })),
  );
  const document = comparedRun(trials, { plan: { experiment: 'test', arms: ['a', 'b', 'c'].map(arm) } });
  return {
    ...document,
    trials: document.trials.map((trial, place) => {
      const compared = trials[place];
      const { completion } = trial;
      if (compared === undefined || completion === null) return trial;
      return { ...trial, completion: { ...completion, ...changes(compared) } };
    }),
  };
}

describe('experimentOf', () => {
  test('is null for a run that is no experiment', () => {
    expect(experimentOf(comparedRun([]))).toBeNull();
  });

  test('compares each side with the first, and lists those without trials too', () => {
    const found = experimentOf(experiment(['a', 'b']));
    expect(found?.arms.map(({ n, name }) => [name, n])).toEqual([
      ['a', 4],
      ['b', 4],
      ['c', 0],
    ]);
    expect(found?.comparisons).toHaveLength(1);
    expect(found?.comparisons[0]?.change).toBeCloseTo(0.1, 3);
    expect(found?.comparisons[0]).toMatchObject({ reference: { model: 'a' }, candidate: { model: 'b' } });
  });

  test('where the first side has no trials, the next is what the others are compared with', () => {
    const found = experimentOf(experiment(['b', 'c']));
    expect(found?.comparisons.map(({ candidate, reference }) => [reference.model, candidate.model])).toEqual([
      ['b', 'c'],
    ]);
  });

  test('tells accepted and cached tokens as sums over sums, null where the server does not say', () => {
    const found = experimentOf(
      experiment(['a', 'b'], ({ model, promptId }) =>
        model === 'a'
          ? { draft_tok: null, accepted_tok: null, cached_tok: null }
          : {
              draft_tok: promptId === 'p0' ? 100 : 300,
              accepted_tok: promptId === 'p0' ? 90 : 150,
              input_tok: 50,
              cached_tok: 49,
            },
      ),
    );
    expect(
      found?.arms.slice(0, 2).map(({ acceptedRatio, cachedRatio }) => [acceptedRatio, cachedRatio]),
    ).toEqual([
      [null, null],
      [0.6, 0.98],
    ]);
  });

  test('without a meter there is speed, and nothing to compare', () => {
    const found = experimentOf({ ...experiment(['a', 'b']), headline: null, summary: [] });
    expect(found?.comparisons).toEqual([]);
    expect(found?.arms[0]).toMatchObject({ net_JPerTok: null, tokPerS: 10 });
  });
});
