import { afterEach, describe, expect, test, vi } from 'vitest';
import type { Backend, LoadedModel } from '../../src/backends/backend.ts';
import { createLmStudio } from '../../src/backends/lmstudio.ts';
import { type Clock, systemClock } from '../../src/core/clock.ts';
import type { LmStudioFaults } from '../../src/simulator/lmstudio/faults.ts';
import type { LmStudioStandIn } from '../../src/simulator/lmstudio/server.ts';
import { FAST_MODELS, NO_LOAD, requestTo, startFastLab, until } from '../support/lmstudio-lab.ts';
import { manualClock } from '../support/manual-clock.ts';

const TIMEOUT_s = 30;
const never = new AbortController().signal;
const KEY = FAST_MODELS[0]?.key ?? '';
const REMOTE_KEY = FAST_MODELS.find(({ deviceIdentifier }) => deviceIdentifier !== null)?.key ?? '';
const opened: Array<{ close(): Promise<void> }> = [];

afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});

interface Opened {
  readonly lab: LmStudioStandIn;
  readonly backend: Backend;
  readonly model: LoadedModel;
}

async function openLab(faults: Partial<LmStudioFaults> = {}, clock: Clock = systemClock): Promise<Opened> {
  const lab = await startFastLab();
  const backend = createLmStudio({ url: lab.url, token: null, clock, timeout_s: TIMEOUT_s });
  opened.push(lab, backend);
  const [model] = await backend.loaded();
  if (model === undefined) throw new Error('the lab has no model in memory');
  Object.assign(lab.faults, faults);
  return { lab, backend, model };
}

/** Rejections that nobody handles, while `work` runs and shortly after. */
async function unhandledDuring(work: () => Promise<unknown>): Promise<unknown[]> {
  const unhandled: unknown[] = [];
  const hear = (reason: unknown): void => void unhandled.push(reason);
  process.on('unhandledRejection', hear);
  process.on('uncaughtException', hear);
  await work();
  for (let turn = 0; turn < 50; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
  process.off('unhandledRejection', hear);
  process.off('uncaughtException', hear);
  return unhandled;
}

describe('a message that the SDK cannot parse', () => {
  test.each<[string, Partial<LmStudioFaults>]>([
    ['a rate of null in the statistics', { ending: 'null-rate' }],
    ['an unknown reason to stop', { ending: 'unknown-stop' }],
    ['a fragment that lacks a field', { stream: { kind: 'bad-fragment', after_tok: 4 } }],
    ['a frame that is not JSON', { stream: { kind: 'garbage', after_tok: 4 } }],
  ])('ends the answer at once with BACKEND_PROTOCOL: %s', async (_title, faults) => {
    // A clock that stands still: no time limit can be what ends it.
    const { backend, model } = await openLab(faults, manualClock());
    const completion = await backend.complete(requestTo(model), { signal: never });
    expect(completion).toMatchObject({ stopReason: 'failed', error: { code: 'BACKEND_PROTOCOL' } });
    expect(completion.tokens.length).toBeGreaterThan(0);
  });

  test.each<[string, Partial<LmStudioFaults>]>([
    ['a model of an unknown type', { unknownModelType: true }],
    ['models as servers before 0.4.3 sent them', { oldModelShape: true }],
  ])('ends a list at once with BACKEND_PROTOCOL, naming the way out: %s', async (_title, faults) => {
    const { backend } = await openLab(faults, manualClock());
    await expect(backend.models()).rejects.toMatchObject({
      code: 'BACKEND_PROTOCOL',
      remedy: expect.stringContaining('lmstudio-rest'),
    });
  });

  test('prompt progress without details, as servers before 0.4.0 sent it, costs the progress alone', async () => {
    const { backend, model } = await openLab({ oldPromptProgress: true });
    const completion = await backend.complete(requestTo(model), { signal: never });
    expect(completion).toMatchObject({ error: null, output_tok: 30, cached_tok: null, promptStart_s: null });
  });
});

describe('a channel that is not closed as it should be', () => {
  test('closed without its success packet, it is a timeout', async () => {
    const clock = manualClock();
    const { backend, model } = await openLab({ ending: 'no-success' }, clock);
    let arrived = 0;
    const answer = backend.complete(requestTo(model), { signal: never, onToken: () => arrived++ });
    await until(() => arrived === 30);
    await clock.advance(TIMEOUT_s);
    const completion = await answer;
    expect(completion).toMatchObject({
      error: { code: 'BACKEND_TIMEOUT' },
      output_tok: 30,
      tokenSource: 'sdk',
    });
  });

  test('left open after success, the answer counts, and a later end of the line harms nobody', async () => {
    const { lab, backend, model } = await openLab({ ending: 'no-close' });
    const unhandled = await unhandledDuring(async () => {
      const completion = await backend.complete(requestTo(model), { signal: never });
      expect(completion).toMatchObject({ error: null, output_tok: 30 });
      await lab.close();
      expect((await backend.probe()).state).toBe('unreachable');
    });
    expect(unhandled).toEqual([]);
  });
});

describe('the process', () => {
  test.each<[string, Partial<LmStudioFaults>]>([
    ['the line is cut', { stream: { kind: 'drop', after_tok: 3 } }],
    ['the engine fails', { stream: { kind: 'error', after_tok: 3 } }],
    ['the model is evicted', { stream: { kind: 'evict-error', after_tok: 3 } }],
    ['authentication is refused', { refuseAuth: true }],
    ['a frame is garbage', { stream: { kind: 'garbage', after_tok: 3 } }],
  ])('has no rejection left unhandled when %s', async (_title, faults) => {
    const { backend, model } = await openLab(faults);
    const unhandled = await unhandledDuring(async () => {
      await backend.complete(requestTo(model), { signal: never });
      await backend.models().catch((error: Error) => error.message);
      await backend.close();
    });
    expect(unhandled).toEqual([]);
  });

  test('hears nothing of the SDK on its console', async () => {
    const spies = (['debug', 'info', 'log', 'warn', 'error'] as const).map((name) =>
      vi.spyOn(console, name).mockReturnValue(undefined),
    );
    const { lab, backend, model } = await openLab({ stream: { kind: 'garbage', after_tok: 3 } });
    await backend.complete(requestTo(model), { signal: never });
    lab.faults.stream = null;
    await backend.load(KEY, NO_LOAD, never);
    await lab.close();
    await backend.probe();
    const heard = spies.flatMap((spy) => spy.mock.calls);
    for (const spy of spies) spy.mockRestore();
    expect(heard).toEqual([]);
  });
});

describe('a model on a linked machine', () => {
  test('is listed as remote', async () => {
    const { backend } = await openLab();
    const remote = (await backend.models()).filter((model) => model.remote).map(({ key }) => key);
    expect(remote).toEqual([REMOTE_KEY]);
  });

  test('is not loaded', async () => {
    const { lab, backend, model } = await openLab();
    await expect(backend.load(REMOTE_KEY, NO_LOAD, never)).rejects.toMatchObject({ code: 'MODEL_REMOTE' });
    expect(lab.loaded()).toEqual([model.identifier]);
  });

  test('is asked nothing when it is in memory already', async () => {
    const lab = await startFastLab({ loadedAtStart: [REMOTE_KEY] });
    const backend = createLmStudio({ url: lab.url, token: null, clock: systemClock, timeout_s: TIMEOUT_s });
    opened.push(lab, backend);
    const [model] = await backend.loaded();
    if (model === undefined) throw new Error('the lab has no model in memory');
    expect(model.model?.remote).toBe(true);
    await expect(backend.complete(requestTo(model), { signal: never })).rejects.toMatchObject({
      code: 'MODEL_REMOTE',
    });
    expect(lab.answers).toEqual([]);
  });
});

describe('a prediction', () => {
  test('carries its seed in the raw field, having no other place', async () => {
    const { lab, backend, model } = await openLab();
    await backend.complete(requestTo(model, { seed: 42 }), { signal: never });
    expect(JSON.stringify(lab.requests.at(-1)?.parameter)).toContain(
      '{"key":"llm.prediction.seed","value":{"checked":true,"value":42}}',
    );
  });

  test('carries the system prompt before the user’s', async () => {
    const { lab, backend, model } = await openLab();
    await backend.complete({ ...requestTo(model), system: 'Be brief.' }, { signal: never });
    expect(lab.requests.at(-1)?.parameter).toMatchObject({
      history: { messages: [{ role: 'system' }, { role: 'user' }] },
    });
  });

  test('tells how much of its prompt came from the cache', async () => {
    const { backend, model } = await openLab();
    const text = 'Tell me about energy, power and time. '.repeat(20);
    const first = await backend.complete(requestTo(model, {}, text), { signal: never });
    const second = await backend.complete(requestTo(model, {}, text), { signal: never });
    expect(first.cached_tok).toBe(0);
    expect(second.cached_tok).toBeGreaterThan(0);
    expect(second.cached_tok).toBeLessThanOrEqual(second.input_tok ?? Number.NaN);
  });

  test('asks the server nothing but itself', async () => {
    const { lab, backend, model } = await openLab();
    const before = lab.requests.length;
    await backend.complete(requestTo(model), { signal: never });
    expect(lab.requests.slice(before).map(({ endpoint }) => endpoint)).toEqual(['predict']);
  });

  test('finds its instance again after the line broke', async () => {
    const { lab, backend, model } = await openLab({ stream: { kind: 'drop', after_tok: 3, times: 1 } });
    expect((await backend.complete(requestTo(model), { signal: never })).error?.code).toBe(
      'BACKEND_DISCONNECTED',
    );
    expect((await backend.complete(requestTo(model), { signal: never })).error).toBeNull();
    expect(lab.loaded()).toEqual([model.identifier]);
  });

  test('to an instance that is no longer there throws MODEL_UNLOADED, having sent nothing', async () => {
    const { lab, backend, model } = await openLab();
    const request = requestTo({ ...model, identifier: 'gone' });
    await expect(backend.complete(request, { signal: never })).rejects.toMatchObject({
      code: 'MODEL_UNLOADED',
    });
    expect(lab.answers).toEqual([]);
  });
});

test('a hung load is a timeout, and what it may still bring into memory is unloaded', async () => {
  const clock = manualClock();
  const { lab, backend, model } = await openLab({ reply: { kind: 'never', endpoint: 'loadModel' } }, clock);
  const loading = expect(backend.load(KEY, NO_LOAD, never)).rejects.toMatchObject({
    code: 'BACKEND_TIMEOUT',
  });
  await until(() => lab.requests.at(-1)?.endpoint === 'loadModel');
  await clock.advance(TIMEOUT_s);
  await loading;
  expect(lab.requests.at(-1)?.endpoint).toBe('unloadModel');
  expect(lab.loaded()).toEqual([model.identifier]);
});

test('a server that does not know the question how busy it is does not make the backend fail', async () => {
  const { backend } = await openLab({
    reply: { kind: 'unknown-endpoint', endpoint: 'getInstanceProcessingState' },
  });
  expect(await backend.busy()).toBeNull();
});

test('while another client is answered, it says that the server is busy', async () => {
  const { lab, backend, model } = await openLab({ stream: { kind: 'stall', after_tok: 2 } });
  const other = createLmStudio({ url: lab.url, token: null, clock: systemClock, timeout_s: TIMEOUT_s });
  opened.push(other);
  const stop = new AbortController();
  let arrived = 0;
  const onToken = (): void => void arrived++;
  const [theirs] = await other.loaded();
  const answer = other.complete(requestTo(theirs ?? model), { signal: stop.signal, onToken });
  await until(() => arrived === 2);
  expect(await backend.busy()).toBe(1);
  stop.abort();
  await answer;
});

test('every setting can be applied', async () => {
  const { backend } = await openLab();
  const inference = requestTo(await firstOf(backend), { seed: 1, temperature: 2 }).inference;
  expect(backend.unsupported(inference, { ...NO_LOAD, parallel: 1, gpuOffload: 'max' })).toEqual([]);
});

async function firstOf(backend: Backend): Promise<LoadedModel> {
  const [model] = await backend.loaded();
  if (model === undefined) throw new Error('the lab has no model in memory');
  return model;
}

describe('settings of an answer', () => {
  test('are told as the server had them in force, once there was one', async () => {
    const { backend, model } = await openLab();
    expect(backend.inForce?.(model)).toBeNull();
    const asked = { temperature: 0.25, topP: 0.5, stop: ['###'], seed: 7 };
    await backend.complete(requestTo(model, asked), { signal: never });
    expect(backend.inForce?.(model)).toEqual({
      ...{ temperature: 0.25, topP: 0.5, topK: 40, minP: 0.05, repeatPenalty: 1.1, seed: 7, stop: '["###"]' },
    });
  });

  test('a model that leaves memory by itself says after how long', async () => {
    const { backend, lab, model } = await openLab();
    expect(model.settings.some(({ name }) => name === 'ttl_s')).toBe(false);
    const body = JSON.stringify({ model: FAST_MODELS[1]?.key, messages: [{ role: 'user', content: 'Hi' }] });
    const answer = await fetch(`${lab.url}/v1/chat/completions`, { method: 'POST', body });
    await answer.text();
    const jit = (await backend.loaded()).find(({ key }) => key === FAST_MODELS[1]?.key);
    expect(jit?.settings).toContainEqual({
      name: 'ttl_s',
      requested: null,
      effective: 3600,
      source: 'server',
    });
  });
});
