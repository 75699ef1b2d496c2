import { describe, expect, test } from 'vitest';
import { LmpowerError } from '../../src/core/errors.ts';
import { planRun } from '../../src/orchestrator/plan.ts';
import { play } from '../support/play-run.ts';
import { scriptedWorkload } from '../support/scripted-run.ts';

/** Two prompts: ten trials are five repetitions. */
const UNTIL = { untilCi: 3, maxTrials: 9, warmup: false } as const;

describe('--until-ci', () => {
  test('ends after the first full repetition, from ten trials on, whose interval is narrow enough', async () => {
    const asked: number[] = [];
    const played = await play({
      plan: UNTIL,
      halfWidthRatio: () => {
        asked.push(asked.length);
        return asked.length < 3 ? 0.05 : 0.03;
      },
    });
    expect(asked).toHaveLength(3);
    expect(played.sink.trials()).toHaveLength(14);
    expect(played.outcome.state).toBe('finished');
    expect(played.log.at(-3)).toBe('meter stops');
  });

  test('asks between phases only, when everything so far has been appended', async () => {
    const appended: number[] = [];
    const played = await play({
      plan: UNTIL,
      halfWidthRatio: () => {
        appended.push(appended.length);
        return null;
      },
    });
    expect(appended).toHaveLength(4);
    expect(played.sink.trials()).toHaveLength(18);
    const notes = played.events.flatMap((event) => (event.kind === 'note' ? [event.text] : []));
    expect(notes).toHaveLength(4);
    expect(notes[0]).toBe('no interval after 5 repetitions; wanted ± 3.0 %');
  });

  test('no repetition is begun that would end after --max-minutes', async () => {
    // A trial takes 2 s of baseline, 4 s of answer and 1 s of cooldown: a repetition takes 14 s.
    const played = await play({ plan: { ...UNTIL, maxMinutes: 0.75 }, halfWidthRatio: () => 1 });
    expect(played.sink.trials()).toHaveLength(6);
    expect(played.ended_s).toBeLessThan(0.75 * 60 + 4);
  });

  test('models that are run one after the other each go on until they are known', async () => {
    const played = await play({
      plan: { ...UNTIL, models: ['a', 'b'], maxTrials: 7 },
      halfWidthRatio: (model) => (model === 'a' ? 0.01 : 0.5),
    });
    const count = (model: string): number => played.sink.trials().filter((one) => one.model === model).length;
    expect([count('a'), count('b')]).toEqual([10, 14]);
  });

  test('without it the number of trials stands, and nobody is asked', async () => {
    const played = await play({
      plan: { trials: 2, warmup: false },
      halfWidthRatio: () => {
        throw new Error('was asked');
      },
    });
    expect(played.sink.trials()).toHaveLength(4);
    expect(played.outcome.error).toBeNull();
  });

  test.each([
    [{ maxTrials: 5 }, /limits of --until-ci/],
    [{ untilCi: 0 }, /--until-ci 0 is outside/],
    [{ untilCi: 3, maxTrials: 4, trials: 5 }, /less than --trials 5/],
    [{ untilCi: 3, maxMinutes: Number.NaN }, /--max-minutes takes a number/],
    [{ baselineTtl_s: 60 }, /cached baseline/],
    [{ closedServer: true }, /idle-v1/],
  ])('%j is refused', (options, message) => {
    const plan = (): unknown => planRun({ workload: scriptedWorkload(1), backend: 'x', ...options });
    expect(plan).toThrow(LmpowerError);
    expect(plan).toThrow(message);
  });
});
