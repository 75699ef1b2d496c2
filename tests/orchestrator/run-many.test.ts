import { describe, expect, test } from 'vitest';
import { LmpowerError } from '../../src/core/errors.ts';
import type { PlanOptions } from '../../src/orchestrator/plan.ts';
import { codes, play, runPhases, type Scene } from '../support/play-run.ts';
import { scriptedModel, scriptedWorkload } from '../support/scripted-run.ts';

const ONE_PROMPT = scriptedWorkload(1);
const failures = ({ sink }: Awaited<ReturnType<typeof play>>) =>
  sink.parts.flatMap((part) => part.failures ?? []);

describe('executeRun: several models with residency', () => {
  const scene: Scene = {
    plan: { models: ['a', 'b'], workload: ONE_PROMPT, residency: true, warmup: false },
    backend: {},
  };

  test('open server, load, resident model, trials, unload, for each; the open server once more', async () => {
    const { log } = await play(scene);
    const cycle = (key: string, trial: number): string[] => [
      'baseline',
      'load',
      `load ${key}`,
      `loaded ${key}`,
      'cooldown',
      'baseline',
      `baseline #${trial}`,
      `inference #${trial}`,
      'complete p0',
      `cooldown #${trial}`,
      'baseline',
      'unload',
      `unload ${key}`,
      'cooldown',
    ];
    const steps = log.filter((line) => !['append', 'busy?', 'meter starts'].includes(line));
    expect(steps).toEqual([...cycle('a', 0), ...cycle('b', 1), 'baseline', 'meter stops', 'finish finished']);
  });

  test('each idle phase says its state and whose model is resident', async () => {
    const idle = runPhases(await play(scene)).filter(({ state }) => state !== undefined);
    expect(idle.map(({ model, state }) => [state, model])).toEqual([
      ['B1', undefined],
      ['B2', 'a'],
      ['B2', undefined],
      ['B1', undefined],
      ['B2', 'b'],
      ['B2', undefined],
      ['B1', undefined],
    ]);
  });

  test('while another model is in memory there is no open server without one to measure', async () => {
    const states = runPhases(await play({ ...scene, backend: { loaded: [scriptedModel('other')] } }));
    expect(states.filter(({ state }) => state === 'B1')).toEqual([]);
  });

  test('the plan expects as many phases as there are', async () => {
    const { events } = await play(scene);
    const phases = events.filter((event) => event.kind === 'phase');
    const left_s = phases.map((event) => event.remaining_s);
    expect(left_s).toEqual(left_s.toSorted((a, b) => b - a));
    expect(left_s.at(-1)).toBeLessThanOrEqual(2);
  });
});

describe('executeRun: a model that cannot be had', () => {
  const loadError = new LmpowerError('MODEL_LOAD_FAILED', 'out of memory');

  test('is recorded with its reason, and the others are run', async () => {
    const played = await play({
      plan: { models: ['a', 'b', 'c'], workload: ONE_PROMPT },
      backend: { loadError, failing: ['b'] },
    });
    expect(failures(played)).toEqual([
      { model: 'b', code: 'MODEL_LOAD_FAILED', message: 'out of memory', at_s: expect.any(Number) },
    ]);
    expect(played.sink.trials().map(({ index, model }) => [index, model])).toEqual([
      [0, 'a'],
      [2, 'c'],
    ]);
    expect(played.outcome).toMatchObject({ state: 'failed', trials: 2 });
  });

  test('a load that took the server down for a while is that of one model: the others are run', async () => {
    const crash = new LmpowerError('BACKEND_DISCONNECTED', 'the server died');
    const played = await play({
      plan: { models: ['a', 'b'], workload: ONE_PROMPT, warmup: false },
      backend: { loadError: crash, failing: ['a'], closesAt_s: 1, opensAt_s: 30 },
    });
    expect(failures(played).map(({ code, model }) => [model, code])).toEqual([['a', 'BACKEND_DISCONNECTED']]);
    expect(played.sink.trials().map(({ model }) => model)).toEqual(['b']);
  });

  test('where the server stays away, each model that was not reached says so', async () => {
    const crash = new LmpowerError('BACKEND_DISCONNECTED', 'the server died');
    const played = await play({
      plan: { models: ['a', 'b', 'c'], workload: ONE_PROMPT },
      backend: { loadError: crash, failing: ['a'], closesAt_s: 1 },
    });
    expect(failures(played).map(({ message, model }) => [model, message])).toEqual([
      ['b', 'not run: the server died'],
      ['c', 'not run: the server died'],
    ]);
    expect(played.outcome).toMatchObject({ state: 'failed', error: { code: 'BACKEND_DISCONNECTED' } });
  });

  test('costs no other model its loads in workload idle either', async () => {
    const workload = { ...scriptedWorkload(0), kind: 'idle' as const };
    const played = await play({
      plan: { models: ['a', 'b'], workload, trials: 1 },
      backend: { loadError, failing: ['a'] },
    });
    expect(failures(played).map(({ model }) => model)).toEqual(['a']);
    expect(
      runPhases(played)
        .filter(({ kind }) => kind === 'unload')
        .map(({ model }) => model),
    ).toEqual(['b']);
  });
});

describe('executeRun: trials that need not be run', () => {
  const plan: Partial<PlanOptions> = { models: ['a', 'b'], trials: 2 };

  test('are left out; a model without any other is not even loaded', async () => {
    const { log, sink } = await play({ plan, backend: {}, done: new Set([0, 1, 2, 3, 5]) });
    expect(sink.trials().map(({ index }) => index)).toEqual([4, 6, 7]);
    expect(log.filter((line) => line.startsWith('load '))).toEqual(['load b']);
  });

  test('a later sitting begins its prompts with other words', async () => {
    const workload = scriptedWorkload(1, true);
    const textOf = async (session: number): Promise<string | undefined> =>
      (await play({ plan: { workload, warmup: false }, session })).backend.requests[0]?.prompt.text;
    expect(await textOf(0)).toBe(await textOf(0));
    expect(await textOf(1)).not.toBe(await textOf(0));
  });
});

describe('executeRun: a server that dies', () => {
  const gone = { error: 'BACKEND_DISCONNECTED' };
  const plan: Partial<PlanOptions> = { models: ['m'], warmup: false };

  test('and returns: the model is loaded again, the prompt asked again, and the rest is run', async () => {
    const backend = { answers: [gone, {}], closesAt_s: 4, opensAt_s: 30 };
    const played = await play({ plan, backend });
    expect(played.outcome).toMatchObject({ state: 'finished', trials: 2, failedTrials: 0, error: null });
    const [first] = played.sink.trials();
    expect(first?.completions.map(({ error }) => error?.code)).toEqual(['BACKEND_DISCONNECTED', undefined]);
    expect(codes(played)).toEqual(['RETRIED']);
  });

  test('and stays away: the run ends after two minutes, what was recorded is kept', async () => {
    const played = await play({ plan, backend: { answers: [{}, gone], closesAt_s: 10 } });
    expect(played.outcome).toMatchObject({ state: 'failed', trials: 2, failedTrials: 1 });
    expect(played.outcome.error?.code).toBe('BACKEND_DISCONNECTED');
    expect(played.ended_s).toBeGreaterThan(120);
    expect(played.ended_s).toBeLessThan(160);
  });

  test('an interruption ends the waiting', async () => {
    const { ended_s, outcome } = await play({
      plan,
      backend: { answers: [gone], closesAt_s: 0 },
      abortAt_s: 20,
    });
    expect([outcome.state, ended_s]).toEqual(['interrupted', 20]);
  });
});

describe('executeRun: sides of an experiment', () => {
  const arms = (kinds: readonly ('cold' | 'warm' | 'large')[]): Partial<PlanOptions> => ({
    workload: scriptedWorkload(1, true),
    warmup: false,
    order: 'interleaved',
    experiment: {
      id: 'test',
      arms: ({ inference, load }) =>
        kinds.map((kind) => ({
          name: `m ${kind}`,
          model: 'm',
          inference: { ...inference, temperature: kind === 'warm' ? 1 : 0 },
          load: { ...load, context_tok: kind === 'large' ? 8192 : 4096 },
          ...(kind === 'warm' ? { warmCache: true as const } : {}),
        })),
    },
  });

  test('those that differ in what is sent alone share an instance, each with its own settings and words', async () => {
    const { backend, log, sink } = await play({ plan: arms(['cold', 'warm']), backend: {} });
    expect(log.filter((line) => /^(un)?load m/.test(line))).toEqual(['load m', 'unload m']);
    expect(sink.trials().map(({ model }) => model)).toEqual(['m cold', 'm warm']);
    const [cold, primer, warm] = backend.requests;
    expect([cold, primer, warm].map((one) => one?.inference.temperature)).toEqual([0, 1, 1]);
    expect(primer?.prompt.text).toBe(warm?.prompt.text);
    expect(primer?.inference.maxOutput_tok).toBe(1);
    expect(cold?.prompt.text).not.toBe(warm?.prompt.text);
  });

  test('the request that warms the cache belongs to the run, not to the trial', async () => {
    const played = await play({ plan: arms(['cold', 'warm']), backend: {} });
    expect(runPhases(played).map(({ kind }) => kind)).toEqual(['load', 'warmup', 'cooldown', 'baseline']);
    const warm = played.sink.trials()[1];
    expect(warm?.completions).toHaveLength(1);
    expect(warm?.phases.map(({ kind }) => kind)).toEqual(['baseline', 'inference', 'cooldown']);
  });

  test('those that are loaded otherwise are loaded each, and say whose settings are whose', async () => {
    const { log } = await play({ plan: arms(['cold', 'large']), backend: {} });
    expect(log.filter((line) => line === 'load m')).toHaveLength(2);
  });
});
