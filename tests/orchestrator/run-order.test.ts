import { describe, expect, test } from 'vitest';
import { type Played, play, runPhases } from '../support/play-run.ts';
import { scriptedModel, scriptedWorkload } from '../support/scripted-run.ts';

describe('executeRun: order', () => {
  test('a loaded model: warm-up, settling, trials, closing baseline, each appended when it is over', async () => {
    const { log, outcome } = await play({});
    expect(log).toEqual([
      'meter starts',
      'append',
      'warmup',
      'complete warmup',
      'cooldown',
      'append',
      'busy?',
      'baseline #0',
      'inference #0',
      'complete p0',
      'cooldown #0',
      'busy?',
      'append',
      'busy?',
      'baseline #1',
      'inference #1',
      'complete p1',
      'cooldown #1',
      'busy?',
      'append',
      'baseline',
      'append',
      'meter stops',
      'append',
      'finish finished',
    ]);
    expect(outcome).toEqual({ state: 'finished', trials: 2, failedTrials: 0, error: null });
  });

  test('a named model that is not in memory is loaded first and unloaded last', async () => {
    const { log } = await play({ plan: { models: ['m'], warmup: false }, backend: {} });
    expect(log.slice(0, 5)).toEqual(['meter starts', 'load', 'load m', 'loaded m', 'append']);
    expect(log.slice(-5)).toEqual(['append', 'unload m', 'meter stops', 'append', 'finish finished']);
  });

  test('a named model that is in memory is used as it is and left there', async () => {
    const played = await play({ plan: { models: ['m'] } });
    expect(played.log.filter((line) => /load/.test(line))).toEqual([]);
    expect(runPhases(played).map(({ kind }) => kind)).toEqual(['warmup', 'cooldown', 'baseline']);
  });

  test('load settings that were asked for load an instance of our own, though the model is in memory', async () => {
    const { log } = await play({ plan: { models: ['m'], load: { context_tok: 4096 } } });
    expect(log).toContain('load m');
    expect(log).toContain('unload m');
  });

  test('several models follow each other, and trials are numbered on', async () => {
    const played = await play({ plan: { models: ['a', 'b'] }, backend: {} });
    expect(played.log.filter((line) => /^(un)?load /.test(line))).toEqual([
      'load a',
      'unload a',
      'load b',
      'unload b',
    ]);
    expect(played.sink.trials().map(({ index, model, promptId }) => [index, model, promptId])).toEqual([
      [0, 'a', 'p0'],
      [1, 'a', 'p1'],
      [2, 'b', 'p0'],
      [3, 'b', 'p1'],
    ]);
  });

  test('repetitions go through all prompts before one comes again', async () => {
    const { sink } = await play({ plan: { trials: 2 } });
    expect(sink.trials().map(({ promptId, repetition }) => `${promptId} ${repetition}`)).toEqual([
      'p0 0',
      'p1 0',
      'p0 1',
      'p1 1',
    ]);
  });
});

describe('executeRun: prompts', () => {
  test('the prompt is sent as it is written when the workload has no nonce', async () => {
    const { backend } = await play({});
    expect(backend.requests.slice(1).map(({ prompt }) => prompt.text)).toEqual(['Prompt 0?', 'Prompt 1?']);
  });

  test('with a nonce eight words come first, others for each prompt, repetition and run', async () => {
    const scene = { plan: { workload: scriptedWorkload(2, true), trials: 2 } };
    const first = (await play(scene)).backend.requests.slice(1).map(({ prompt }) => prompt.text);
    const again = (await play(scene)).backend.requests.slice(1).map(({ prompt }) => prompt.text);
    const other = (await play({ ...scene, runId: 'run-2' })).backend.requests.slice(1);
    expect(new Set([...first, ...other.map(({ prompt }) => prompt.text)]).size).toBe(8);
    expect(again).toEqual(first);
    expect(first[0]).toMatch(/^([a-z]+ ){7}[a-z]+\n\nPrompt 0\?$/);
  });

  test('one limit of tokens reaches the backend, whichever of the two places it reads', async () => {
    const limited = await play({ plan: { inference: { maxOutput_tok: 7 } } });
    const own = await play({});
    const limits = ({ backend }: Played): unknown[] =>
      backend.requests
        .slice(1)
        .map(({ inference, prompt }) => [inference.maxOutput_tok, prompt.maxOutput_tok]);
    expect(limits(limited)).toEqual([
      [7, 7],
      [7, 7],
    ]);
    expect(limits(own)).toEqual([
      [100, 100],
      [100, 100],
    ]);
  });

  test('the warm-up asks for something that is in no workload', async () => {
    const { backend } = await play({});
    expect(backend.requests[0]?.prompt.id).toBe('warmup');
    expect(backend.requests[0]?.prompt.text).not.toContain('Prompt');
  });
});

describe('executeRun: progress', () => {
  test('time left falls to nothing and is right once an answer has been seen', async () => {
    const { events } = await play({ plan: { workload: scriptedWorkload(4) } });
    const left_s = events.flatMap((event) => (event.kind === 'trial-done' ? [event.remaining_s] : []));
    expect(left_s).toEqual([3 * 7 + 2, 2 * 7 + 2, 7 + 2, 2]);
  });

  test('phases say which trial of how many, and how long they should last', async () => {
    const { events } = await play({});
    const phase = events.find((event) => event.kind === 'phase' && event.trial !== null);
    expect(phase).toMatchObject({
      phase: 'baseline',
      model: 'm',
      planned_s: 2,
      trial: { index: 0, of: 2, promptId: 'p0', category: 'short', repetition: 0 },
    });
  });

  test('tokens are counted up within each answer', async () => {
    const { events } = await play({ plan: { workload: scriptedWorkload(1), warmup: false } });
    const counts = events.flatMap((event) => (event.kind === 'token' ? [event.count] : []));
    expect(counts).toEqual([10, 20, 30, 40]);
  });

  test('settings of the model are handed over; with several models each says whose it is', async () => {
    const settings = [{ name: 'context_tok', requested: null, effective: 4096, source: 'server' as const }];
    const loaded = [
      { ...scriptedModel('a'), settings },
      { ...scriptedModel('b'), settings },
    ];
    const names = async (models: string[]): Promise<string[]> =>
      (await play({ plan: { models }, backend: { loaded } })).sink.parts
        .flatMap((part) => part.settings ?? [])
        .map(({ name }) => name);
    const asked = ['temperature', 'topP', 'repeatPenalty'];
    expect(await names(['a'])).toEqual(['context_tok', ...asked]);
    const all = ['context_tok', ...asked];
    expect(await names(['a', 'b'])).toEqual(
      ['a', 'b'].flatMap((key) => all.map((name) => `${key}: ${name}`)),
    );
  });
});
