import { describe, expect, test } from 'vitest';
import { LmpowerError } from '../../src/core/errors.ts';
import { bareModel } from '../support/any-model.ts';
import { codes, LOADED, play, runPhases } from '../support/play-run.ts';
import { scriptedModel, scriptedWorkload } from '../support/scripted-run.ts';

describe('executeRun: failures', () => {
  test('a failed request is recorded with its error and the run goes on', async () => {
    const { outcome, sink } = await play({
      backend: { ...LOADED, answers: [{}, { error: 'BACKEND_REFUSED' }, {}] },
    });
    expect(outcome).toMatchObject({ state: 'finished', trials: 2, failedTrials: 1, error: null });
    expect(sink.trials().map(({ completions }) => completions[0]?.error?.code)).toEqual([
      'BACKEND_REFUSED',
      undefined,
    ]);
  });

  test('a prompt that never reached the server leaves a trial without completion, and an event with the reason', async () => {
    const throws = new LmpowerError('BACKEND_UNREACHABLE', 'connection refused');
    const played = await play({ backend: { ...LOADED, answers: [{}, { throws }, {}] } });
    expect(played.sink.trials()[0]?.completions).toEqual([]);
    expect(played.sink.trials()[0]?.phases.map(({ kind }) => kind)).toEqual(['baseline']);
    const event = played.sink.parts.flatMap((part) => part.events ?? [])[0];
    expect(event).toMatchObject({
      code: 'REQUEST_FAILED',
      detail: 'BACKEND_UNREACHABLE: connection refused',
    });
    expect(played.outcome).toMatchObject({ state: 'finished', failedTrials: 1 });
  });

  test('three answers in a row from a server that is gone end the run; what was recorded is kept', async () => {
    const played = await play({
      plan: { workload: scriptedWorkload(6) },
      backend: { ...LOADED, answers: [{}, {}, { error: 'BACKEND_DISCONNECTED' }] },
    });
    expect(played.outcome).toMatchObject({ state: 'failed', trials: 4, failedTrials: 3 });
    expect(played.outcome.error?.code).toBe('BACKEND_DISCONNECTED');
    expect(played.sink.trials()).toHaveLength(4);
    expect(played.log.slice(-3)).toEqual(['meter stops', 'append', 'finish failed']);
  });

  test('failures with an answer between them do not end the run', async () => {
    const gone = { error: 'BACKEND_DISCONNECTED' };
    const { outcome } = await play({
      plan: { workload: scriptedWorkload(6) },
      backend: { ...LOADED, answers: [{}, gone, gone, {}, gone, gone, {}] },
    });
    expect(outcome).toMatchObject({ state: 'finished', trials: 6, failedTrials: 4 });
  });

  test('an unloaded model is loaded again and asked once more, with a baseline of its own', async () => {
    const played = await play({ backend: { ...LOADED, answers: [{}, { error: 'MODEL_UNLOADED' }, {}] } });
    const [trial] = played.sink.trials();
    expect(trial?.completions.map(({ error }) => error?.code)).toEqual(['MODEL_UNLOADED', undefined]);
    expect(trial?.phases.map(({ kind }) => kind)).toEqual(['baseline', 'inference', 'cooldown']);
    expect(trial?.phases[1]?.start_s).toBe(trial?.completions[1]?.requested_s);
    expect(codes(played)).toEqual(['RETRIED']);
    expect(runPhases(played).map(({ kind }) => kind)).toEqual([
      'warmup',
      'cooldown',
      'load',
      'baseline',
      'baseline',
    ]);
    expect(played.log.filter((line) => /load/.test(line))).toEqual([
      'load #0',
      'load m',
      'loaded m',
      'unload m',
    ]);
  });

  test('a model that is unloaded twice fails the trial, and it is not asked a third time', async () => {
    const { backend, outcome, sink } = await play({
      plan: { workload: scriptedWorkload(1) },
      backend: { ...LOADED, answers: [{}, { error: 'MODEL_UNLOADED' }] },
    });
    expect(backend.requests).toHaveLength(3);
    expect(sink.trials()[0]?.completions).toHaveLength(2);
    expect(outcome).toMatchObject({ state: 'finished', failedTrials: 1 });
  });

  test('a model that cannot be brought back fails the trial with its first answer kept', async () => {
    const played = await play({
      plan: { workload: scriptedWorkload(1) },
      backend: {
        ...LOADED,
        answers: [{}, { error: 'MODEL_UNLOADED' }],
        loadError: new LmpowerError('MODEL_LOAD_FAILED', 'out of memory'),
      },
    });
    expect(played.sink.trials()[0]?.completions).toHaveLength(1);
    expect(played.sink.trials()[0]?.phases.map(({ kind }) => kind)).toEqual([
      'baseline',
      'inference',
      'cooldown',
    ]);
    expect(codes(played)).toEqual(['REQUEST_FAILED']);
    expect(played.outcome.failedTrials).toBe(1);
  });

  test('no model: nothing is measured, and the error says so', async () => {
    const { log, outcome, sink } = await play({ backend: {} });
    expect(outcome).toMatchObject({ state: 'failed', trials: 0 });
    expect(outcome.error?.code).toBe('MODEL_NOT_LOADED');
    expect(outcome.error?.exitCode).toBe(3);
    expect(log.filter((line) => line.startsWith('complete'))).toEqual([]);
    expect(sink.states).toEqual(['failed']);
  });

  test('of several models the one that cannot be loaded is told, the others are run', async () => {
    const { outcome, sink } = await play({
      plan: { models: ['x', 'm'] },
      backend: { ...LOADED, loadError: new LmpowerError('MODEL_NOT_FOUND', 'no model x') },
    });
    expect(outcome).toMatchObject({ state: 'failed', trials: 2 });
    expect(outcome.error?.code).toBe('MODEL_NOT_FOUND');
    expect(sink.trials().map(({ model }) => model)).toEqual(['m', 'm']);
  });

  test('a model on another machine is refused', async () => {
    const model = { ...scriptedModel('m'), model: { ...REMOTE } };
    const { outcome } = await play({ backend: { loaded: [model] } });
    expect(outcome.error?.code).toBe('MODEL_REMOTE');
  });

  test('a setting that the backend cannot apply is refused before the meter starts', async () => {
    const { log, outcome } = await play({ backend: { ...LOADED, unsupported: ['seed'] } });
    expect(outcome.error?.code).toBe('SETTING_UNSUPPORTED');
    expect(log).not.toContain('meter starts');
  });

  test('a meter that may not be read ends the run with its own error', async () => {
    const startError = new LmpowerError('POWER_REQUIRED', 'no power source');
    const { log, outcome } = await play({ recorder: { startError } });
    expect(outcome.error).toBe(startError);
    expect(log).toEqual(['meter starts', 'meter stops', 'append', 'finish failed']);
  });

  test('a backend on another clock than the run is a bug, and found at the first answer', async () => {
    const { outcome, sink } = await play({ backend: { ...LOADED, clockOffset_s: 1000 } });
    expect(outcome).toMatchObject({ state: 'failed', trials: 0, error: { code: 'BUG' } });
    expect(outcome.error?.message).toContain("the backend's clock is not the run's");
    expect(sink.states).toEqual(['failed']);
  });

  test('a store that refuses ends the run, and the meter and the model are let go', async () => {
    const sinkError = new LmpowerError('STORE_UNWRITABLE', 'disk full');
    const { log, outcome } = await play({ plan: { models: ['m'] }, backend: {}, sinkError });
    expect(outcome).toMatchObject({ state: 'failed', trials: 0 });
    expect(outcome.error).toBe(sinkError);
    expect(log.filter((line) => /^unload|stops|finish/.test(line))).toEqual([
      'unload m',
      'meter stops',
      'finish failed',
    ]);
  });

  test('a model that will not unload is told and spoils nothing', async () => {
    const { events, outcome } = await play({
      plan: { models: ['m'] },
      backend: { unloadError: new LmpowerError('BACKEND_TIMEOUT', 'too slow') },
    });
    expect(outcome.state).toBe('finished');
    expect(events).toContainEqual({ kind: 'note', text: 'm could not be unloaded: too slow' });
  });

  test.each([
    ['before the baseline', [2, 0, 0, 0]],
    ['after the cooldown', [0, 1, 0, 0]],
  ])('other requests seen %s are an event inside the answer of that trial', async (_when, busy) => {
    const { sink } = await play({ backend: { ...LOADED, busy } });
    const events = sink.parts.flatMap((part) => part.events ?? []);
    const inference = sink.trials()[0]?.phases.find(({ kind }) => kind === 'inference');
    expect(events.map(({ code, at_s }) => [code, at_s])).toEqual([['FOREIGN_LOAD', inference?.start_s]]);
  });

  test('a server that will not say how busy it is spoils nothing', async () => {
    const busy = [new LmpowerError('BACKEND_TIMEOUT', 'too slow')];
    const played = await play({ backend: { ...LOADED, busy } });
    expect(played.outcome.state).toBe('finished');
    expect(codes(played)).toEqual([]);
  });
});

const REMOTE = bareModel({ key: 'm', remote: true });
