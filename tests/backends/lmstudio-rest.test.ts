import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, test } from 'vitest';
import type { LoadedModel } from '../../src/backends/backend.ts';
import { createLmStudioRest } from '../../src/backends/lmstudio-rest.ts';
import { systemClock } from '../../src/core/clock.ts';
import type { Completion } from '../../src/core/run.ts';
import { FAST_MODELS, NO_INFERENCE, NO_LOAD, requestTo, startFastLab } from '../support/lmstudio-lab.ts';
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

/** One request to a server whose chat does what `script` says. */
async function chatWith(script: (response: ServerResponse) => void, inference = {}): Promise<Scripted> {
  let body: unknown = null;
  const server = await startHttpServer((request, response) => {
    if (request.path === '/lmstudio-greeting') response.end('{"lmstudio":true}');
    else {
      body = JSON.parse(request.body);
      script(response);
    }
  });
  opened.push(server);
  const backend = createLmStudioRest({ url: server.url, token: null, clock: systemClock, timeout_s: 30 });
  opened.push(backend);
  return { answer: await backend.complete(requestTo(MODEL, inference), { signal: never }), body };
}

const STATS = {
  input_tokens: 17,
  total_output_tokens: 5,
  reasoning_output_tokens: 2,
  tokens_per_second: 51.5,
  time_to_first_token_seconds: 0.25,
};
const START = { type: 'chat.start', model_instance_id: 'm' };
const END = { type: 'chat.end', result: { model_instance_id: 'm', output: [], stats: STATS } };

function stream(...events: readonly { readonly type: string }[]): (response: ServerResponse) => void {
  return (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const event of events) response.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
    response.end();
  };
}

const delta = (content: string): { type: string; content: string } => ({ type: 'message.delta', content });

describe('a chat', () => {
  test('asks for a stream that is not stored, with our names in the server’s', async () => {
    const settings = {
      temperature: 0.5,
      topP: 0.9,
      topK: 40,
      minP: 0.1,
      repeatPenalty: 1.1,
      maxOutput_tok: 5,
    };
    const { body } = await chatWith(stream(START, END), settings);
    expect(body).toEqual({
      model: 'm',
      input: requestTo(MODEL).prompt.text,
      stream: true,
      store: false,
      temperature: 0.5,
      top_p: 0.9,
      top_k: 40,
      min_p: 0.1,
      repeat_penalty: 1.1,
      max_output_tokens: 5,
    });
  });

  test('takes counts from the statistics, and keeps them whole', async () => {
    const events = [
      START,
      { type: 'prompt_processing.start' },
      { type: 'prompt_processing.progress', progress: 0.5 },
      { type: 'prompt_processing.end' },
      { type: 'reasoning.start' },
      { type: 'reasoning.delta', content: 'hm' },
      { type: 'reasoning.end' },
      { type: 'message.start' },
      delta('a'),
      delta(''),
      delta('b'),
      { type: 'message.end' },
      { type: 'something.new', of: 'later' },
      END,
    ];
    const { answer } = await chatWith(stream(...events));
    expect(answer).toMatchObject({
      input_tok: 17,
      cached_tok: null,
      output_tok: 5,
      reasoning_tok: 2,
      tokenSource: 'server',
      stopReason: 'unknown',
      text: 'ab',
      serverStatistics: STATS,
      error: null,
    });
    expect(answer.tokens.map(({ sort, count_tok }) => [sort, count_tok])).toEqual([
      ['reasoning', null],
      ['content', null],
      ['content', null],
    ]);
    expect(answer.promptStart_s).not.toBeNull();
    expect(answer.promptEnd_s).not.toBeNull();
  });

  test('ended by its limit when it is as long as was allowed', async () => {
    const { answer } = await chatWith(stream(START, delta('a'), END), { maxOutput_tok: 5 });
    expect(answer.stopReason).toBe('length');
  });

  test('does not wait for a line that the server keeps open after the end', async () => {
    const { answer } = await chatWith((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(`data: ${JSON.stringify(END)}\n\n`);
    });
    expect(answer).toMatchObject({ error: null, output_tok: 5 });
  });

  test.each([
    [
      'another model answers',
      [START, { ...END, result: { ...END.result, model_instance_id: 'other' } }],
      'MODEL_MISMATCH',
    ],
    ['the model is loaded inside the request', [START, { type: 'model_load.start' }, END], 'MODEL_UNLOADED'],
    [
      'the statistics tell of a load',
      [START, { ...END, result: { ...END.result, stats: { ...STATS, model_load_time_seconds: 2 } } }],
      'MODEL_UNLOADED',
    ],
    ['there are no statistics', [START, { type: 'chat.end', result: {} }], 'BACKEND_PROTOCOL'],
    [
      'the server reports an error',
      [START, { type: 'error', error: { type: 'internal_error', message: 'x' } }, END],
      'BACKEND_REFUSED',
    ],
    [
      'the server does not know the model',
      [START, { type: 'error', error: { type: 'model_not_found', message: 'x' } }, END],
      'MODEL_NOT_FOUND',
    ],
    ['the stream ends without its last event', [START, delta('a')], 'BACKEND_DISCONNECTED'],
  ])('is no good when %s', async (_title, events, code) => {
    const { answer } = await chatWith(stream(...events));
    expect(answer.error?.code).toBe(code);
  });

  test.each([
    ['data that is no JSON', 'data: {"type":\n\n'],
    ['data that is a list', 'data: [1]\n\n'],
    ['a [DONE] of another protocol', 'data: [DONE]\n\n'],
  ])('ends with BACKEND_PROTOCOL at %s', async (_title, text) => {
    const { answer } = await chatWith((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(`data: ${JSON.stringify(delta('a'))}\n\n`);
      response.write(text);
    });
    expect(answer).toMatchObject({
      error: { code: 'BACKEND_PROTOCOL' },
      output_tok: 1,
      tokenSource: 'chunks',
    });
  });

  test.each([
    [
      '400',
      400,
      'application/json',
      '{"error":{"type":"invalid_request","message":"no"}}',
      'BACKEND_REFUSED',
    ],
    ['401', 401, 'application/json', '{}', 'BACKEND_UNAUTHORIZED'],
    ['500', 500, 'text/plain', 'oh no', 'BACKEND_REFUSED'],
    [
      '200 with an error',
      200,
      'application/json',
      '{"error":"Unexpected endpoint or method."}',
      'BACKEND_PROTOCOL',
    ],
    ['a web page', 200, 'text/html', '<html>', 'BACKEND_PROTOCOL'],
    ['a whole answer instead of a stream', 200, 'application/json', '{"output":[]}', 'BACKEND_PROTOCOL'],
  ])('that is answered with %s says so in its error', async (...row) => {
    const [, status, type, text, code] = row;
    const { answer } = await chatWith((response) => {
      response.writeHead(status, { 'content-type': type }).end(text);
    });
    expect(answer).toMatchObject({ tokens: [], stopReason: 'failed', error: { code } });
  });
});

test('what this API cannot do is said before anything is sent', () => {
  const backend = createLmStudioRest({ url: null, token: null, clock: systemClock, timeout_s: 30 });
  expect(backend.unsupported(NO_INFERENCE, NO_LOAD)).toEqual([]);
  expect(backend.unsupported({ ...NO_INFERENCE, temperature: 1 }, { ...NO_LOAD, context_tok: 8192 })).toEqual(
    [],
  );
  expect(
    backend.unsupported(
      { ...NO_INFERENCE, seed: 0, temperature: 1.5 },
      { ...NO_LOAD, parallel: 1, gpuOffload: 0.5 },
    ),
  ).toEqual(['seed', 'temperature above 1', 'gpuOffload', 'parallel']);
});

test('an instance that another client had loaded is not taken for ours', async () => {
  const server = await startHttpServer(({ path }, response) => {
    const models = [
      { type: 'llm', key: 'm', loaded_instances: [{ id: 'm', config: { context_length: 4096 } }] },
    ];
    if (path === '/lmstudio-greeting') response.end('{"lmstudio":true}');
    else if (path === '/api/v1/models') response.end(JSON.stringify({ models }));
    else response.end('{"instance_id":"m","status":"loaded"}');
  });
  const backend = createLmStudioRest({ url: server.url, token: null, clock: systemClock, timeout_s: 30 });
  opened.push(server, backend);
  const model = await backend.load('m', { ...NO_LOAD, context_tok: 8192 }, never);
  expect(model.owned).toBe(false);
  // Without an echo, the list tells what is in force.
  expect(model.settings).toContainEqual({
    name: 'context_tok',
    requested: 8192,
    effective: 4096,
    source: 'server',
  });
});

test.each([
  ['html', 'BACKEND_PROTOCOL'],
  // The lab's error is LM Studio's own: no models loaded.
  ['error-200', 'MODEL_UNLOADED'],
] as const)('a list that is answered with %s is no list', async (kind, code) => {
  const lab = await startFastLab({ models: FAST_MODELS });
  const backend = createLmStudioRest({ url: lab.url, token: null, clock: systemClock, timeout_s: 30 });
  opened.push(lab, backend);
  lab.faults.reply = { kind, endpoint: '/api/v1/models' };
  await expect(backend.models()).rejects.toMatchObject({ code });
});
