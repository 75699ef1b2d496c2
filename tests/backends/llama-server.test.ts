import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, test } from 'vitest';
import type { LoadedModel } from '../../src/backends/backend.ts';
import { createLlamaServer } from '../../src/backends/llama-server.ts';
import type { BackendOptions } from '../../src/backends/options.ts';
import { systemClock } from '../../src/core/clock.ts';
import type { Completion } from '../../src/core/run.ts';
import { startLlamaServerStandIn } from '../../src/simulator/llama-server/server.ts';
import { startServing } from '../support/contract-servers.ts';
import { FAST_MODELS, NO_LOAD, requestTo } from '../support/lmstudio-lab.ts';
import { manualClock } from '../support/manual-clock.ts';
import { startHttpServer } from '../support/scripted-server.ts';

const never = new AbortController().signal;
const opened: Array<{ close(): Promise<void> }> = [];
const MODEL: LoadedModel = { key: 'm', identifier: 'm', owned: false, settings: [], model: null };

afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});

interface Scripted {
  readonly answer: Completion;
  readonly body: unknown;
}

/** One request to a llama-server whose chat writes these chunks. */
async function chatWith(
  chunks: readonly (object | string)[],
  options: Partial<BackendOptions> = {},
  inference = {},
): Promise<Scripted> {
  let body: unknown = null;
  const server = await startHttpServer((request, response) => {
    if (request.path === '/v1/models') response.end('{"data":[{"id":"m","owned_by":"llamacpp"}]}');
    else {
      body = JSON.parse(request.body);
      writeChunks(response, chunks);
    }
  });
  opened.push(server);
  const backend = createLlamaServer({
    url: server.url,
    token: null,
    clock: systemClock,
    timeout_s: 30,
    ...options,
  });
  opened.push(backend);
  return { answer: await backend.complete(requestTo(MODEL, inference), { signal: never }), body };
}

function writeChunks(response: ServerResponse, chunks: readonly (object | string)[]): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  for (const chunk of chunks)
    response.write(`data: ${typeof chunk === 'string' ? chunk : JSON.stringify(chunk)}\n\n`);
  response.end();
}

function chunk(delta: object, more: object = {}, finish: string | null = null): object {
  return { model: 'm', choices: [{ index: 0, delta, finish_reason: finish }], ...more };
}

const timings = (predicted_n: number, more: object = {}): object => ({
  timings: { cache_n: 4, prompt_n: 6, prompt_ms: 0.05, predicted_n, predicted_ms: 0.01, ...more },
});

describe('a chat', () => {
  test('asks for a cold prompt, for timings per token and for signs of life', async () => {
    const { body } = await chatWith(['[DONE]'], {}, { seed: 7, repeatPenalty: 1.1, minP: 0.1, topK: 40 });
    expect(body).toEqual({
      model: 'm',
      messages: [{ role: 'user', content: requestTo(MODEL).prompt.text }],
      stream: true,
      stream_options: { include_usage: true },
      max_tokens: 30,
      cache_prompt: false,
      timings_per_token: true,
      return_progress: true,
      seed: 7,
      repeat_penalty: 1.1,
      min_p: 0.1,
      top_k: 40,
    });
  });

  test('goes past the end, and reuses the cache, only when that was asked for', async () => {
    const { body } = await chatWith(['[DONE]'], {}, { ignoreEos: true, cachePrompt: true });
    expect(body).toMatchObject({ ignore_eos: true, cache_prompt: true });
  });

  test('a delta carries as many tokens as the count grew by', async () => {
    const { answer } = await chatWith([
      chunk({ role: 'assistant', content: null }),
      chunk({ reasoning_content: 'hm' }, timings(2)),
      chunk({ content: 'a' }, timings(3)),
      chunk({ content: '' }, timings(4)),
      chunk({ content: 'bc' }, timings(6)),
      chunk({}, timings(7), 'stop'),
      '[DONE]',
    ]);
    expect(answer.tokens.map(({ count_tok }) => count_tok)).toEqual([2, 1, 3]);
    expect(answer).toMatchObject({
      output_tok: 7,
      tokenSource: 'server',
      reasoning_tok: 2,
      input_tok: 10,
      cached_tok: 4,
      stopReason: 'eos',
      text: 'abc',
    });
  });

  test('keeps what was drafted and accepted, and nothing where nothing was drafted', async () => {
    const drafted = timings(1, { draft_n: 9, draft_n_accepted: 5 });
    const { answer } = await chatWith([chunk({ content: 'a' }, drafted, 'length'), '[DONE]']);
    expect(answer).toMatchObject({ draft_tok: 9, accepted_tok: 5, stopReason: 'length' });
    const { answer: plain } = await chatWith([chunk({ content: 'a' }, timings(1), 'length'), '[DONE]']);
    expect(plain).toMatchObject({ draft_tok: null, accepted_tok: null });
  });

  test('an old build without timings on its chunks leaves counts per delta unknown', async () => {
    const { answer } = await chatWith([
      chunk({ content: 'a' }),
      chunk({ content: 'b' }),
      chunk({}, { timings: { prompt_n: 6, prompt_ms: 0.05, predicted_n: 2, predicted_ms: 0.01 } }, 'stop'),
      '[DONE]',
    ]);
    expect(answer.tokens.map(({ count_tok }) => count_tok)).toEqual([null, null]);
    expect(answer).toMatchObject({ output_tok: 2, cached_tok: null, input_tok: null, reasoning_tok: null });
  });

  test('counts that had come when the stream broke off are kept', async () => {
    const { answer } = await chatWith([
      {
        model: 'm',
        choices: [],
        prompt_progress: { total: 12, cache: 0, processed: 12, time_ms: 5706760300 },
      },
      chunk({ content: 'a' }),
    ]);
    expect(answer).toMatchObject({ input_tok: 12, cached_tok: 0, error: { code: 'BACKEND_DISCONNECTED' } });
  });

  test('a model that was not asked is a mismatch', async () => {
    const { answer } = await chatWith([{ ...chunk({ content: 'a' }, {}, 'stop'), model: 'other' }, '[DONE]']);
    expect(answer.error?.code).toBe('MODEL_MISMATCH');
  });
});

describe('the prompt’s window', () => {
  test('ends no later than the first delta, and is as long as the server says', async () => {
    const { answer } = await chatWith([
      chunk({ content: 'a' }, timings(1)),
      chunk({}, timings(1), 'stop'),
      '[DONE]',
    ]);
    const { promptStart_s, promptEnd_s, firstToken_s, requested_s } = answer;
    expect(promptEnd_s).toBeLessThanOrEqual(firstToken_s ?? Number.NaN);
    expect(promptStart_s).toBeGreaterThanOrEqual(requested_s);
    expect((promptEnd_s ?? 0) - (promptStart_s ?? 0)).toBeCloseTo(0.00005, 9);
  });

  test('is unknown where the server’s duration would begin before the request', async () => {
    const long = timings(1, { prompt_ms: 60_000 });
    const { answer } = await chatWith([chunk({ content: 'a' }, long, 'stop'), '[DONE]']);
    expect(answer).toMatchObject({ promptStart_s: null, promptEnd_s: null });
    expect(answer.serverStatistics).toMatchObject({ timings: { prompt_ms: 60_000 } });
  });

  test('is unknown where the server gives no duration', async () => {
    const { answer } = await chatWith([chunk({ content: 'a' }, {}, 'stop'), '[DONE]']);
    expect(answer).toMatchObject({ promptStart_s: null, promptEnd_s: null });
  });

  test('agrees with the stand-in’s own prompt time on one clock', async () => {
    const clock = manualClock();
    const models = FAST_MODELS.map((model) => ({ ...model, prefillTokPerS: 10, decodeTokPerS: 5 }));
    const lab = await startServing(startLlamaServerStandIn, { clock, models });
    opened.push(lab);
    const backend = createLlamaServer({ url: lab.url, token: null, clock, timeout_s: 60 });
    opened.push(backend);
    const [model = MODEL] = await backend.loaded();
    const answer = await clock.runUntil(backend.complete(requestTo(model), { signal: never }));
    const served = lab.answers.at(-1);
    expect(answer.promptStart_s).toBeCloseTo(served?.promptStart_s ?? Number.NaN, 6);
    expect(answer.promptEnd_s).toBeCloseTo(served?.firstToken_s ?? Number.NaN, 6);
  });
});

describe('the server', () => {
  test('that is still reading its model is found, and the person told to wait', async () => {
    const server = await startHttpServer((_request, response) => {
      response.writeHead(503, { 'content-type': 'application/json' });
      response.end('{"error":{"code":503,"message":"Loading model","type":"unavailable_error"}}');
    });
    opened.push(server);
    const backend = createLlamaServer({ url: server.url, token: null, clock: systemClock, timeout_s: 5 });
    opened.push(backend);
    expect(await backend.probe()).toMatchObject({
      state: 'no-model',
      detail: expect.stringContaining('loading'),
    });
  });

  test('cannot be given load settings, before or at the load', async () => {
    const lab = await startServing(startLlamaServerStandIn);
    opened.push(lab);
    const backend = createLlamaServer({ url: lab.url, token: null, clock: systemClock, timeout_s: 5 });
    opened.push(backend);
    const load = { ...NO_LOAD, context_tok: 2048, flashAttention: true };
    expect(backend.unsupported(requestTo(MODEL).inference, load)).toEqual(['context_tok', 'flashAttention']);
    const [model = MODEL] = await backend.loaded();
    await expect(backend.load(model.key, load, never)).rejects.toMatchObject({ code: 'SETTING_UNSUPPORTED' });
    expect(await backend.load(model.key, NO_LOAD, never)).toEqual(model);
  });

  test('that keeps its properties to itself still lists its model and answers', async () => {
    const lab = await startServing(startLlamaServerStandIn);
    opened.push(lab);
    const backend = createLlamaServer({ url: lab.url, token: null, clock: systemClock, timeout_s: 5 });
    opened.push(backend);
    lab.faults.reply = { kind: 'unknown-endpoint', endpoint: '/props' };
    expect(await backend.probe()).toMatchObject({ state: 'ready', version: null });
    const [model = MODEL] = await backend.loaded();
    expect((await backend.complete(requestTo(model), { signal: never })).error).toBeNull();
  });

  test('without /slots does not say how busy it is', async () => {
    const lab = await startServing(startLlamaServerStandIn);
    opened.push(lab);
    const backend = createLlamaServer({ url: lab.url, token: null, clock: systemClock, timeout_s: 5 });
    opened.push(backend);
    expect(await backend.busy()).toBe(0);
    lab.faults.reply = { kind: 'unknown-endpoint', endpoint: '/slots' };
    expect(await backend.busy()).toBeNull();
  });

  test('answers a repeated prompt cold, unless told to reuse its cache', async () => {
    const lab = await startServing(startLlamaServerStandIn);
    opened.push(lab);
    const ask = async (cachePrompt: boolean): Promise<number | null> => {
      const options = { url: lab.url, token: null, clock: systemClock, timeout_s: 5 };
      const backend = createLlamaServer(options);
      opened.push(backend);
      const [model = MODEL] = await backend.loaded();
      return (await backend.complete(requestTo(model, { cachePrompt }), { signal: never })).cached_tok;
    };
    expect(await ask(false)).toBe(0);
    expect(await ask(false)).toBe(0);
    expect(await ask(true)).toBeGreaterThan(0);
  });

  test('tells what it does where nothing is asked for, its file, and the quantization that the file names', async () => {
    const lab = await startServing(startLlamaServerStandIn);
    const backend = createLlamaServer({ url: lab.url, token: null, clock: systemClock, timeout_s: 5 });
    opened.push(lab, backend);
    const [resident] = await backend.loaded();
    const defaults = {
      temperature: 0.8,
      topK: 40,
      topP: 0.95,
      minP: 0.05,
      repeatPenalty: 1,
      seed: 4294967295,
    };
    expect(resident?.defaults).toEqual(defaults);
    const path = FAST_MODELS[0]?.path;
    expect(resident?.model).toMatchObject({ path, quantization: FAST_MODELS[0]?.quantization.name });
  });
});
