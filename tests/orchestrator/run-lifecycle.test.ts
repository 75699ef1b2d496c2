import { describe, expect, test } from 'vitest';
import { loadWorkload } from '../../src/orchestrator/workload.ts';
import { LOADED, play, runPhases } from '../support/play-run.ts';

const IDLE = await loadWorkload('idle');
const PLAN = { workload: IDLE, models: ['m'], baseline_s: 4, trials: 1 } as const;

describe('workload idle', () => {
  test('measures the open server, the load, the resident model, the unload, and the open server again', async () => {
    const played = await play({ plan: PLAN, backend: { load_s: 3 } });
    expect(played.outcome).toMatchObject({ state: 'finished', trials: 0, error: null });
    expect(runPhases(played).map(({ kind, model, state }) => [kind, state, model])).toEqual([
      ['baseline', 'B1', undefined],
      ['load', undefined, 'm'],
      ['cooldown', undefined, undefined],
      ['baseline', 'B2', 'm'],
      ['unload', undefined, 'm'],
      ['cooldown', undefined, undefined],
      ['baseline', 'B1', undefined],
    ]);
    expect(played.backend.requests).toEqual([]);
    const load = runPhases(played).find(({ kind }) => kind === 'load');
    expect((load?.end_s ?? 0) - (load?.start_s ?? 0)).toBeCloseTo(3, 9);
  });

  test('repeats the cycle as often as asked; three times and a minute of idle unless said otherwise', async () => {
    const played = await play({ plan: { workload: IDLE, models: ['m'], baseline_s: 4 }, backend: {} });
    expect(runPhases(played).filter(({ kind }) => kind === 'load')).toHaveLength(3);
    expect(runPhases(played).filter(({ state }) => state === 'B1')).toHaveLength(4);
  });

  test('measures the closed server only when told, and waits for it to be closed', async () => {
    const played = await play({ plan: { ...PLAN, closedServer: true }, backend: { closesAt_s: 60 } });
    const last = runPhases(played).at(-1);
    expect(last).toMatchObject({ kind: 'baseline', state: 'B0' });
    expect(last?.start_s).toBeGreaterThanOrEqual(61);
    const never = await play({ plan: { ...PLAN, closedServer: true }, backend: {} });
    expect(runPhases(never).map(({ state }) => state)).not.toContain('B0');
    expect(never.outcome.state).toBe('finished');
  });

  test('is refused while a model is in memory that is not ours to unload', async () => {
    const { outcome, sink } = await play({ plan: PLAN, backend: LOADED });
    expect(outcome.error).toMatchObject({ code: 'USAGE', message: expect.stringContaining('there is: m') });
    expect(sink.states).toEqual(['failed']);
  });

  test('without a model to load measures the state that is there', async () => {
    const played = await play({ plan: { ...PLAN, models: [] }, backend: LOADED });
    expect(runPhases(played)).toMatchObject([{ kind: 'baseline', state: 'B2', model: 'm' }]);
    const empty = await play({ plan: { ...PLAN, models: [] }, backend: {} });
    expect(runPhases(empty)).toMatchObject([{ kind: 'baseline', state: 'B1' }]);
  });

  test('interrupted while the model is resident, unloads it', async () => {
    const played = await play({ plan: PLAN, backend: {}, abortAt_s: 9 });
    expect(played.outcome.state).toBe('interrupted');
    expect(played.log).toContain('unload m');
    expect(runPhases(played).at(-1)).toMatchObject({ kind: 'unload' });
  });
});
