import { describe, expect, test } from 'vitest';
import { LOADED, play, runPhases } from '../support/play-run.ts';

const idle = (log: readonly string[]): string[] =>
  log.filter((line) => /^(baseline|idle|inference)/.test(line)).map((line) => line.replace(/ #\d+$/, ''));

describe('baseline strategies', () => {
  test('fresh: each trial has its own, of a resident model, and one closes the run', async () => {
    const played = await play({ backend: LOADED, plan: { trials: 2, warmup: false } });
    for (const { phases } of played.sink.trials()) {
      expect(phases.map(({ kind, state }) => [kind, state])).toEqual([
        ['baseline', 'B2'],
        ['inference', undefined],
        ['cooldown', undefined],
      ]);
    }
    expect(runPhases(played).map(({ kind, state }) => [kind, state])).toEqual([['baseline', 'B2']]);
  });

  test('cached: one serves all trials and belongs to the run', async () => {
    const played = await play({
      backend: LOADED,
      plan: { trials: 3, warmup: false, baselineStrategy: 'cached' },
    });
    expect(idle(played.log)).toEqual([
      'baseline',
      ...Array.from({ length: 6 }, () => 'inference'),
      'baseline',
    ]);
    expect(played.sink.trials().every(({ phases }) => phases.every(({ kind }) => kind !== 'baseline'))).toBe(
      true,
    );
    expect(runPhases(played).filter(({ kind }) => kind === 'baseline')).toHaveLength(2);
  });

  test('cached: one that is older than its time to live is measured again', async () => {
    const played = await play({
      backend: LOADED,
      plan: { trials: 3, warmup: false, baselineStrategy: 'cached', baselineTtl_s: 9 },
    });
    // A trial is 4 s of answer and 1 s of cooldown: the third begins 10 s after the baseline.
    expect(idle(played.log)).toEqual([
      ...['baseline', 'inference', 'inference'],
      ...['baseline', 'inference', 'inference'],
      ...['baseline', 'inference', 'inference'],
      'baseline',
    ]);
  });

  test('validated: a short look before each later trial; idle power that holds is not measured again', async () => {
    const played = await play({
      backend: LOADED,
      plan: { trials: 2, warmup: false, baselineStrategy: 'validated', baseline_s: 6 },
    });
    expect(idle(played.log)).toEqual([
      ...['baseline', 'inference', 'idle', 'inference', 'idle', 'inference', 'idle', 'inference'],
      'baseline',
    ]);
    const looks = played.sink.trials().flatMap(({ phases }) => phases.filter(({ kind }) => kind === 'idle'));
    for (const { end_s, start_s } of looks) expect(end_s - start_s).toBeCloseTo(4, 9);
  });

  test('validated: idle power that has changed is measured again', async () => {
    const played = await play({
      backend: LOADED,
      recorder: { power_W: (at_s) => (at_s > 10 ? 7 : 5) },
      plan: { trials: 2, warmup: false, baselineStrategy: 'validated', baseline_s: 6 },
    });
    expect(idle(played.log).slice(0, 6)).toEqual([
      'baseline',
      'inference',
      'idle',
      'baseline',
      'inference',
      'idle',
    ]);
    expect(idle(played.log).filter((line) => line === 'baseline')).toHaveLength(3);
  });

  test('a model that was loaded again gets a new one', async () => {
    const played = await play({
      plan: { models: ['m'], trials: 1, warmup: false, baselineStrategy: 'cached' },
      backend: { answers: [{}, { error: 'MODEL_UNLOADED' }, {}] },
    });
    expect(idle(played.log)).toEqual([
      ...['baseline', 'inference', 'inference'],
      'baseline',
      'inference',
      'baseline',
    ]);
  });
});
