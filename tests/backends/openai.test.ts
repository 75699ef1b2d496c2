import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, test } from 'vitest';
import type { Backend, LoadedModel } from '../../src/backends/backend.ts';
import { createOpenAi } from '../../src/backends/openai.ts';
import { systemClock } from '../../src/core/clock.ts';
import type { Completion } from '../../src/core/run.ts';
import type { OpenAiKind } from '../../src/simulator/openai/server.ts';
import type { StandIn } from '../../src/simulator/serving/stand-in.ts';
import { type ContractOptions, openAiOf, startServing } from '../support/contract-servers.ts';
import { FAST_MODELS, NO_LOAD, requestTo, startFastLab } from '../support/lmstudio-lab.ts';
import { startHttpServer } from '../support/scripted-server.ts';

const never = new AbortController().signal;
const opened: Array<{ close(): Promise<void> }> = [];
const MODEL: LoadedModel = { key: 'm', identifier: 'm', owned: false, settings: [], model: null };
const KEY = FAST_MODELS[0]?.key ?? '';
const SECOND = FAST_MODELS[1]?.key ?? '';

afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});

function open(url: string, token: string | null = null): Backend {
  const backend = createOpenAi({ url, token, clock: systemClock, timeout_s: 30 });
  opened.push(backend);
  return backend;
}

async function openKind(
  kind: OpenAiKind,
  options: ContractOptions = {},
): Promise<{ lab: StandIn; backend: Backend }> {
  const lab = await startServing(openAiOf(kind), options);
  opened.push(lab);
  return { lab, backend: open(lab.url) };
}

interface Scripted {
  readonly answer: Completion;
  readonly body: unknown;
}

/** One request to a server whose chat writes these lines of a stream. */
async function chatWith(
  lines: readonly (object | string)[],
  inference = {},
  greeting: string | null = null,
): Promise<Scripted> {
  let body: unknown = null;
  const server = await startHttpServer((request, response) => {
    if (request.path === '/v1/models') response.end('{"object":"list","data":[{"id":"m"}]}');
    else if (request.path === '/v1/chat/completions') {
      body = JSON.parse(request.body);
      writeStream(response, lines);
    } else if (request.path === '/lmstudio-greeting' && greeting !== null) response.end(greeting);
    else response.writeHead(404).end();
  });
  opened.push(server);
  return { answer: await open(server.url).complete(requestTo(MODEL, inference), { signal: never }), body };
}

function writeStream(response: ServerResponse, lines: readonly (object | string)[]): void {
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
  for (const line of lines)
    response.write(typeof line === 'string' ? `${line}\n\n` : `data: ${JSON.stringify(line)}\n\n`);
  response.end();
}

const DONE = 'data: [DONE]';
const USAGE = { prompt_tokens: 9, completion_tokens: 4, prompt_tokens_details: { cached_tokens: 3 } };

function chunk(delta: object, more: object = {}, finish: string | null = null): object {
  return { model: 'm', choices: [{ index: 0, delta, finish_reason: finish }], ...more };
}

describe('a chat', () => {
  test('sends OpenAI’s own settings and nothing that a strict server would not know', async () => {
    const { body } = await chatWith([DONE], { temperature: 0.5, topP: 0.9, seed: 7, maxOutput_tok: 5 });
    expect(body).toEqual({
      model: 'm',
      messages: [{ role: 'user', content: requestTo(MODEL).prompt.text }],
      stream: true,
      stream_options: { include_usage: true },
      temperature: 0.5,
      top_p: 0.9,
      seed: 7,
      max_tokens: 5,
    });
  });

  test.each([
    ['a chunk of its own', [chunk({}, {}, 'stop'), { model: 'm', choices: [], usage: USAGE }]],
    ['the closing chunk', [chunk({}, { usage: USAGE }, 'stop')]],
  ])('takes counts from usage on %s', async (_title, closing) => {
    const { answer } = await chatWith([chunk({ content: 'a' }), chunk({ content: 'b' }), ...closing, DONE]);
    expect(answer).toMatchObject({
      input_tok: 9,
      cached_tok: 3,
      output_tok: 4,
      tokenSource: 'server',
      stopReason: 'eos',
      error: null,
      serverStatistics: { usage: USAGE },
    });
  });

  test('without usage counts deltas, and says so', async () => {
    const { answer } = await chatWith([chunk({ content: 'a' }), chunk({ content: 'b' }, {}, 'length'), DONE]);
    expect(answer).toMatchObject({ output_tok: 2, tokenSource: 'chunks', input_tok: null, cached_tok: null });
  });

  test('tells content, both spellings of reasoning, and tools apart; empty deltas are none', async () => {
    const { answer } = await chatWith([
      ': keepalive 0/9',
      chunk({ role: 'assistant', content: '' }),
      chunk({ reasoning_content: 'h' }),
      chunk({ reasoning: 'm' }),
      chunk({ content: 'yes' }),
      chunk({ tool_calls: [{ index: 0, function: { name: 'f', arguments: '{' } }] }),
      chunk({}, {}, 'tool_calls'),
      DONE,
    ]);
    expect(answer.tokens.map(({ sort }) => sort)).toEqual(['reasoning', 'reasoning', 'content', 'tool']);
    expect(answer).toMatchObject({ text: 'yes', stopReason: 'tool' });
  });

  test('reads llama.cpp’s timings where a server adds them', async () => {
    const timings = { cache_n: 2, prompt_n: 7, prompt_ms: 0.01, predicted_n: 2, predicted_ms: 0.001 };
    const { answer } = await chatWith([chunk({ content: 'ab' }), chunk({}, { timings }, 'length'), DONE]);
    expect(answer).toMatchObject({ input_tok: 9, cached_tok: 2, output_tok: 2, tokenSource: 'server' });
    expect((answer.promptEnd_s ?? 0) - (answer.promptStart_s ?? 0)).toBeCloseTo(0.00001, 9);
  });

  test.each([
    [
      'that another model answered',
      [{ ...chunk({ content: 'a' }, {}, 'stop'), model: 'x' }, DONE],
      'MODEL_MISMATCH',
    ],
    [
      'with an error in the stream',
      [chunk({ content: 'a' }), { error: { message: 'boom' } }],
      'BACKEND_REFUSED',
    ],
    ['in vLLM’s old form', [{ object: 'error', message: 'boom', code: 500 }], 'BACKEND_REFUSED'],
    ['that breaks off', [chunk({ content: 'a' })], 'BACKEND_DISCONNECTED'],
    ['with a chunk that is not JSON', ['data: {"id":'], 'BACKEND_PROTOCOL'],
  ])('%s is told as such', async (_title, lines, code) => {
    const { answer } = await chatWith(lines);
    expect(answer.error?.code).toBe(code);
  });

  test('without [DONE] is whole once a reason to stop came', async () => {
    const { answer } = await chatWith([chunk({ content: 'a' }, {}, 'stop')]);
    expect(answer).toMatchObject({ error: null, stopReason: 'eos' });
  });
});

describe('LM Studio’s OpenAI endpoint', () => {
  const ask = async (shortCount: boolean, maxOutput_tok: number): Promise<Completion> => {
    const lab = await startFastLab({ faults: { shortCount }, answerTokens: () => 20 });
    opened.push(lab);
    return open(lab.url).complete(requestTo({ ...MODEL, identifier: KEY }, { maxOutput_tok }), {
      signal: never,
    });
  };

  test('is known by its greeting, and counts one too few at the limit: the deltas are counted', async () => {
    expect(await ask(true, 5)).toMatchObject({
      output_tok: 5,
      tokenSource: 'chunks',
      stopReason: 'length',
      serverStatistics: { usage: { completion_tokens: 4 } },
    });
  });

  test('is believed where its count is right, and where the model ended by itself', async () => {
    expect(await ask(false, 5)).toMatchObject({ output_tok: 5, tokenSource: 'server' });
    expect(await ask(true, 21)).toMatchObject({ output_tok: 20, tokenSource: 'server', stopReason: 'eos' });
  });

  test('that never got past its reasoning is one short there too', async () => {
    const usage = {
      prompt_tokens: 9,
      completion_tokens: 1,
      completion_tokens_details: { reasoning_tokens: 1 },
    };
    const lines = [
      chunk({ reasoning_content: 'h' }),
      chunk({ reasoning_content: 'm' }),
      chunk({}, { usage }, 'length'),
      DONE,
    ];
    const { answer } = await chatWith(lines, { maxOutput_tok: 2 }, '{"lmstudio":true}');
    expect(answer).toMatchObject({ output_tok: 2, reasoning_tok: 2, tokenSource: 'chunks' });
  });

  test('is the only one that is corrected', async () => {
    const usage = { prompt_tokens: 9, completion_tokens: 1 };
    const lines = [chunk({ content: 'a' }), chunk({ content: 'b' }), chunk({}, { usage }, 'length'), DONE];
    const { answer } = await chatWith(lines, { maxOutput_tok: 2 });
    expect(answer).toMatchObject({ output_tok: 1, tokenSource: 'server' });
  });
});

describe('each kind of server', () => {
  test.each<[OpenAiKind, string, readonly string[]]>([
    ['other', 'OpenAI-compatible', ['topK', 'minP', 'repeatPenalty']],
    ['vllm', 'vLLM', []],
    ['mlx', 'mlx_lm.server', []],
    ['tabby', 'TabbyAPI', []],
  ])('%s is known by its own signature, and promised what it can do', async (kind, title, refused) => {
    const { backend } = await openKind(kind);
    expect((await backend.probe()).detail).toContain(title);
    const settings = { temperature: 0.5, topK: 5, minP: 0.1, repeatPenalty: 1.1, seed: 7 };
    expect(backend.unsupported(requestTo(MODEL, settings).inference, NO_LOAD)).toEqual(refused);
  });

  test('a repeat penalty of 1 is none, so a server without the setting is not asked for it', async () => {
    const { lab, backend } = await openKind('other');
    const request = requestTo({ ...MODEL, identifier: KEY }, { repeatPenalty: 1 });
    expect(backend.unsupported(request.inference, NO_LOAD)).toEqual([]);
    expect(await backend.complete(request, { signal: never })).toMatchObject({ error: null });
    const sent = lab.requests.findLast(({ endpoint }) => endpoint === '/v1/chat/completions')?.parameter;
    expect(Object.keys(sent ?? {}).filter((name) => /penalty/.test(name))).toEqual([]);
  });

  test('a setting that it cannot apply is never sent, even where nobody asked before', async () => {
    const { lab, backend } = await openKind('other');
    const answer = backend.complete(requestTo({ ...MODEL, identifier: KEY }, { topK: 5 }), { signal: never });
    await expect(answer).rejects.toMatchObject({ code: 'SETTING_UNSUPPORTED' });
    expect(lab.requests.some(({ endpoint }) => endpoint === '/v1/chat/completions')).toBe(false);
  });

  test('vLLM’s repeat penalty has a name of its own', async () => {
    const { lab, backend } = await openKind('vllm');
    const [model = MODEL] = await backend.loaded();
    await backend.complete(requestTo(model, { repeatPenalty: 1.5 }), { signal: never });
    const sent = lab.requests.findLast(({ endpoint }) => endpoint === '/v1/chat/completions')?.parameter;
    expect(sent).toMatchObject({ repetition_penalty: 1.5 });
  });

  test('vLLM’s counters give queue, prefill and cached tokens of this one request', async () => {
    const { lab, backend } = await openKind('vllm');
    const [model = MODEL] = await backend.loaded();
    await backend.complete(requestTo(model), { signal: never });
    const answer = await backend.complete(requestTo(model), { signal: never });
    const served = lab.answers.at(-1);
    expect(served?.cached_tok).toBeGreaterThan(0);
    expect(answer.cached_tok).toBe(served?.cached_tok);
    expect(answer.serverStatistics['metrics']).toMatchObject({
      requests: 1,
      prompt_tokens: served?.prompt_tok,
      generation_tokens: 30,
      prefill_seconds: expect.closeTo((served?.firstToken_s ?? 0) - (served?.promptStart_s ?? 0), 6),
    });
  });

  test('vLLM without its metrics still answers', async () => {
    const { lab, backend } = await openKind('vllm');
    const [model = MODEL] = await backend.loaded();
    lab.faults.reply = { kind: 'status', status: 404, endpoint: '/metrics' };
    expect(await backend.complete(requestTo(model), { signal: never })).toMatchObject({
      error: null,
      cached_tok: null,
    });
    expect(await backend.busy()).toBeNull();
  });

  test('mlx_lm.server’s reasoning and cached tokens are read past its keepalives', async () => {
    const models = FAST_MODELS.map((model) => ({ ...model, reasoning_tok: 10 }));
    const { backend } = await openKind('mlx', { models });
    const model = { ...MODEL, identifier: KEY };
    await backend.complete(requestTo(model), { signal: never });
    const answer = await backend.complete(requestTo(model), { signal: never });
    expect(answer.tokens[0]?.sort).toBe('reasoning');
    expect(answer.cached_tok).toBeGreaterThan(0);
    expect(answer.error).toBeNull();
  });

  test('TabbyAPI wants its key, says what is in memory, and keeps its times in the statistics', async () => {
    const { lab } = await openKind('tabby', { token: 'tabby-key' });
    expect((await open(lab.url).probe()).state).toBe('unauthorized');
    const backend = open(lab.url, 'tabby-key');
    expect((await backend.probe()).detail).toContain('TabbyAPI');
    const [model = MODEL] = await backend.loaded();
    expect(model.settings).toContainEqual(expect.objectContaining({ name: 'context_tok', effective: 4096 }));
    const { serverStatistics } = await backend.complete(requestTo(model), { signal: never });
    expect(serverStatistics['usage']).toHaveProperty('prompt_time');
  });

  test('TabbyAPI without a model says so', async () => {
    const { backend } = await openKind('tabby', { loadedAtStart: [] });
    expect((await backend.probe()).state).toBe('no-model');
  });
});

describe('load', () => {
  test('asks one token of a model that may not be in memory, and remembers that it answered', async () => {
    const { lab, backend } = await openKind('other');
    expect(await backend.loaded()).toEqual([]);
    const model = await backend.load(SECOND, NO_LOAD, never);
    expect(model).toMatchObject({ key: SECOND, owned: false });
    expect(lab.requests.at(-1)?.parameter).toMatchObject({ model: SECOND, max_tokens: 1 });
    expect(lab.loaded()).toEqual([SECOND]);
    expect((await backend.loaded()).map(({ key }) => key)).toEqual([SECOND]);
  });

  test('that the engine refuses is MODEL_LOAD_FAILED', async () => {
    const { backend } = await openKind('other', { faults: { loadFails: 'not enough memory for this' } });
    await expect(backend.load(SECOND, NO_LOAD, never)).rejects.toMatchObject({ code: 'MODEL_LOAD_FAILED' });
  });

  test('that another model answers is MODEL_NOT_FOUND', async () => {
    const server = await startHttpServer(({ path }, response) => {
      if (path === '/v1/models') response.end('{"object":"list","data":[{"id":"m"},{"id":"n"}]}');
      else if (path === '/v1/chat/completions') writeStream(response, [chunk({}, {}, 'stop'), DONE]);
      else response.writeHead(404).end();
    });
    opened.push(server);
    await expect(open(server.url).load('n', NO_LOAD, never)).rejects.toMatchObject({
      code: 'MODEL_NOT_FOUND',
    });
  });

  test('settings are refused: the server took its own when it was started', async () => {
    const { backend } = await openKind('vllm');
    const load = { ...NO_LOAD, context_tok: 1024 };
    expect(backend.unsupported(requestTo(MODEL).inference, load)).toEqual(['context_tok']);
    await expect(backend.load(KEY, load, never)).rejects.toMatchObject({ code: 'SETTING_UNSUPPORTED' });
  });
});
