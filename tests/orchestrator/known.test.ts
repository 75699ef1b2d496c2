import { describe, expect, test } from 'vitest';
import { type Configured, configurationsOf } from '../../src/orchestrator/configuration.ts';
import { type Finished, knownTrials } from '../../src/orchestrator/known.ts';
import { planRun } from '../../src/orchestrator/plan.ts';
import { newRun } from '../support/any-recording.ts';
import { scriptedWorkload } from '../support/scripted-run.ts';

const { environment } = newRun('run');
const run: Configured = {
  plan: planRun({ workload: scriptedWorkload(2), backend: 'x', models: ['a', 'b'], trials: 2 }),
  environment,
  simulated: false,
};
const configurations = configurationsOf(run);

/** A store with these trials: the index in the plan whose configuration they are of, and what they are. */
function storeOf(entries: readonly (readonly [index: number, found: Partial<Finished>])[]) {
  const stored = entries.map(([index, found]) => ({
    configuration: configurations.get(index),
    finished: { run: 'old', trial: index, isUsable: true, ...found },
  }));
  return (configuration: string): Finished[] =>
    stored.filter((one) => one.configuration === configuration).map(({ finished }) => finished);
}

describe('knownTrials', () => {
  test('nothing is known of an empty store', () => {
    expect(knownTrials(run, () => [], false)).toEqual([]);
  });

  test('one result stands for one repetition, and no more', () => {
    // Trials 0 and 2 are the same prompt of the same model.
    expect(knownTrials(run, storeOf([[0, {}]]), false)).toEqual([{ index: 0, run: 'old', trial: 0 }]);
    expect(
      knownTrials(
        run,
        storeOf([
          [0, {}],
          [0, { trial: 9 }],
        ]),
        false,
      ),
    ).toEqual([
      { index: 0, run: 'old', trial: 0 },
      { index: 2, run: 'old', trial: 9 },
    ]);
  });

  test('more results than repetitions are not used: the newest are', () => {
    const many = storeOf([0, 1, 2, 3].map((trial) => [0, { trial }] as const));
    expect(knownTrials(run, many, false).map(({ trial }) => trial)).toEqual([0, 1]);
  });

  test('a failed or void trial is not known', () => {
    expect(knownTrials(run, storeOf([[0, { isUsable: false }]]), false)).toEqual([]);
  });

  test('what is compared is known from one run that has all of it, or not at all', () => {
    const all = [...configurations.keys()];
    const scattered = storeOf(all.map((index) => [index, { run: index === 3 ? 'other' : 'old' }] as const));
    expect(knownTrials(run, scattered, false)).toHaveLength(8);
    expect(knownTrials(run, scattered, true)).toEqual([]);
    const together = storeOf(
      all.flatMap(
        (index) =>
          [
            [index, {}],
            [index, { run: 'other' }],
          ] as const,
      ),
    );
    expect(new Set(knownTrials(run, together, true).map((known) => known.run))).toEqual(new Set(['old']));
    expect(knownTrials(run, together, true)).toHaveLength(8);
  });
});
