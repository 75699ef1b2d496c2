import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Recording } from '../../src/core/run.ts';
import { planRun } from '../../src/orchestrator/plan.ts';
import { remainingOf } from '../../src/orchestrator/remaining.ts';
import { newRun } from '../support/any-recording.ts';
import { play, runPhases, type Scene } from '../support/play-run.ts';
import { recordingOf } from '../support/recording.ts';
import { scriptedWorkload } from '../support/scripted-run.ts';

const SCENE: Scene = { plan: { models: ['a', 'b'], trials: 2 }, backend: {} };
const TRIALS = 8;

/** What the store would have of a run that was played. */
function recordingFrom(scene: Scene, played: Awaited<ReturnType<typeof play>>): Recording {
  const plan = planRun({
    workload: scriptedWorkload(2),
    backend: 'scripted',
    baseline_s: 2,
    cooldown_s: 1,
    interval_ms: 500,
    ...scene.plan,
  });
  return recordingOf({
    run: newRun('run', { plan, state: played.outcome.state }),
    trials: played.sink.trials(),
    phases: runPhases(played),
    failures: played.sink.parts.flatMap(({ failures }) => failures ?? []),
  });
}

describe('remainingOf', () => {
  test('of a whole run: nothing', async () => {
    const { again, done, left } = remainingOf(recordingFrom(SCENE, await play(SCENE)));
    expect({ again, done: done.size, left }).toEqual({ again: [], done: TRIALS, left: 0 });
  });

  test('wherever a run is interrupted, what it has and what is left are the plan, each trial once', async () => {
    await fc.assert(
      fc.asyncProperty(fc.double({ min: 0.1, max: 75, noNaN: true }), async (abortAt_s) => {
        const before = await play({ ...SCENE, abortAt_s });
        const { again, done, left } = remainingOf(recordingFrom(SCENE, before));
        expect(done.size + left).toBe(TRIALS);
        expect(again.every((index) => !done.has(index))).toBe(true);
        const after = await play({ ...SCENE, done, session: 1 });
        const measured = [...done, ...after.sink.trials().map(({ index }) => index)];
        expect(measured.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
      }),
      { numRuns: 25 },
    );
  });

  test('trials without an answer come again', async () => {
    const scene = { ...SCENE, backend: { answers: [{}, {}, { error: 'BACKEND_REFUSED' }, {}] } };
    const { again, left } = remainingOf(recordingFrom(scene, await play(scene)));
    expect({ again, left }).toEqual({ again: [1], left: 1 });
  });

  test('what was known before is not left', async () => {
    const played = await play({ ...SCENE, abortAt_s: 3 });
    const recording = recordingFrom(SCENE, played);
    const known = [0, 1, 2, 3].map((index) => ({ index, run: 'old', trial: index }));
    const plan = { ...recording.run.plan, known };
    expect(remainingOf({ ...recording, run: { ...recording.run, plan } }).left).toBe(4);
  });

  test('a run that stopped by its rule is whole, however few repetitions it took', async () => {
    const scene: Scene = {
      ...SCENE,
      plan: { models: ['a'], untilCi: 3, maxTrials: 20 },
      halfWidthRatio: () => 0.01,
    };
    const { left } = remainingOf(recordingFrom(scene, await play(scene)));
    expect(left).toBe(0);
  });

  test('of workload idle: models whose loads are not all there', async () => {
    const workload = { ...scriptedWorkload(0), kind: 'idle' as const };
    const scene: Scene = { plan: { models: ['a', 'b'], workload, trials: 1 }, backend: {} };
    const whole = remainingOf(recordingFrom(scene, await play(scene)));
    expect([whole.left, [...whole.done]]).toEqual([0, [0, 1]]);
    const cut = remainingOf(recordingFrom(scene, await play({ ...scene, abortAt_s: 15 })));
    expect([cut.left, [...cut.done]]).toEqual([1, [0]]);
  });
});
