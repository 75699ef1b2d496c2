import { describe, expect, test } from 'vitest';
import { LmpowerError } from '../../src/core/errors.ts';
import { play, runPhases, type Scene } from '../support/play-run.ts';

describe('executeRun: interruption', () => {
  const scene: Scene = { plan: { models: ['m'] }, backend: {} };

  test('at any instant: ends within it, keeps what was recorded, lets go of meter and model', async () => {
    const whole = await play(scene);
    for (let abortAt_s = 0.1; abortAt_s < whole.ended_s; abortAt_s += 0.7) {
      const { ended_s, log, outcome, sink } = await play({ ...scene, abortAt_s });
      const at = `aborted at ${abortAt_s.toFixed(1)} s`;
      expect([at, outcome.state, outcome.error]).toEqual([at, 'interrupted', null]);
      expect([at, ended_s]).toEqual([at, abortAt_s]);
      expect([at, log.at(-1), sink.states]).toEqual([at, 'finish interrupted', ['interrupted']]);
      expect([at, log.filter((line) => line === 'meter stops').length]).toEqual([at, 1]);
      expect([at, log.includes('unload m')]).toEqual([at, log.includes('loaded m')]);
      const phases = [...runPhases({ sink }), ...sink.trials().flatMap((trial) => trial.phases)];
      const last_s = Math.max(...phases.map(({ end_s }) => end_s));
      if (abortAt_s > 0.5) expect([at, last_s <= abortAt_s && last_s > abortAt_s - 1.6]).toEqual([at, true]);
      expect([at, phases.every(({ start_s, end_s }) => start_s <= end_s)]).toEqual([at, true]);
      expect([at, outcome.trials]).toEqual([at, sink.trials().length]);
    }
  });

  test.each([
    // 0.5 meter · 2.5 load · 6.5 warm-up · 7.5 settled · 9.5 baseline · 13.5 answer · 14.5 cooldown
    ['the baseline', 8.5, ['baseline'], []],
    ['the answer', 10, ['baseline', 'inference'], ['cancelled']],
    ['the cooldown', 14, ['baseline', 'inference', 'cooldown'], ['eos']],
  ])('in %s: the trial holds what there was of it', async (_where, abortAt_s, kinds, stops) => {
    const { sink } = await play({ ...scene, abortAt_s });
    const [trial, ...others] = sink.trials();
    expect(others).toEqual([]);
    expect(trial?.phases.map(({ kind }) => kind)).toEqual(kinds);
    expect(trial?.phases.at(-1)?.end_s).toBe(abortAt_s);
    expect(trial?.completions.map(({ stopReason }) => stopReason)).toEqual(stops);
  });

  test('a cancelled answer is no failed trial', async () => {
    expect((await play({ ...scene, abortAt_s: 10 })).outcome.failedTrials).toBe(0);
  });

  test('a recording that was lost is told even so', async () => {
    const sinkError = new LmpowerError('STORE_LOCKED', 'another lmpower writes');
    const { outcome } = await play({ abortAt_s: 0.2, sinkError });
    expect(outcome).toMatchObject({ state: 'interrupted', error: sinkError });
  });

  test('before anything began', async () => {
    const { log, outcome } = await play({ abortAt_s: 0 });
    expect(outcome.state).toBe('interrupted');
    expect(log.at(-1)).toBe('finish interrupted');
  });
});
