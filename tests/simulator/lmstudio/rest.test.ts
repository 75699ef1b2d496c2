import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { systemClock } from '../../../src/core/clock.ts';
import { DEFAULT_CATALOG } from '../../../src/simulator/lmstudio/catalog.ts';
import type { LmStudioStandInOptions } from '../../../src/simulator/lmstudio/server.ts';
import { at, bodyAt } from '../../support/at.ts';
import type { OpenLab } from '../../support/sdk-client.ts';
import { openLab, QUICK_MODELS } from '../../support/sdk-client.ts';
import type { SseEvent } from '../../support/sse.ts';
import { parseSse } from '../../support/sse.ts';

const KEY = 'simulated-4b@q4_k_m';
const TOKEN = 'sk-lm-abcdefgh:0123456789ABCDEFGHIJ';
const CHAT = '/api/v1/chat';
const ASK = { model: KEY, input: 'Name three colors.', store: false };

const loaded = (options: Partial<LmStudioStandInOptions> = {}): Promise<OpenLab> =>
  openLab({ loadedAtStart: [KEY], answerTokens: () => 20, ...options });

function post({ standIn }: OpenLab, path: string, body: unknown, init: RequestInit = {}): Promise<Response> {
  const headers = { 'content-type': 'application/json' };
  return fetch(standIn.url + path, { method: 'POST', headers, body: JSON.stringify(body), ...init });
}

async function stream(lab: OpenLab, body: object = {}): Promise<SseEvent[]> {
  const response = await post(lab, CHAT, { ...ASK, ...body, stream: true });
  expect(response.headers.get('content-type')).toBe('text/event-stream');
  return parseSse(await response.text());
}

/** Names in order, a run of the same name once. */
const namesOf = (events: readonly SseEvent[]): string[] =>
  events.map(({ event }) => event).filter((name, index, all) => name !== all[index - 1]);

describe('GET', () => {
  test('the greeting and the status, also without the token', async () => {
    const { standIn } = await openLab({ token: TOKEN });
    expect(await (await fetch(`${standIn.url}/lmstudio-greeting`)).json()).toEqual({ lmstudio: true });
    expect(await (await fetch(`${standIn.url}/lms-status`)).json()).toEqual({
      package: 'lmstudio',
      version: expect.any(String),
    });
  });

  test('models with their instances and the settings in force', async () => {
    const { standIn } = await loaded();
    const models = await bodyAt(await fetch(`${standIn.url}/api/v1/models`), 'models');
    expect(models).toHaveLength(5);
    expect(at(models, 0)).toMatchObject({
      type: 'llm',
      key: KEY,
      quantization: { name: 'Q4_K_M', bits_per_weight: 4 },
      size_bytes: 2_497_280_256,
      max_context_length: 32_768,
      loaded_instances: [
        {
          id: KEY,
          config: { context_length: 4096, parallel: 4, flash_attention: true, eval_batch_size: 512 },
        },
      ],
    });
    expect(at(models, 3)).not.toHaveProperty('architecture');
  });

  test('an unknown path is answered with status 200 and an error', async () => {
    const { standIn } = await openLab();
    const response = await fetch(`${standIn.url}/nowhere`);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ error: 'Unexpected endpoint or method. (GET /nowhere)' });
  });

  test.each(['//', '/api/v1/models?x=%ZZ', '/%ZZ'])('the strange path %s harms nobody', async (path) => {
    const { standIn } = await openLab();
    const socket = connect(standIn.port, '127.0.0.1');
    socket.end(`GET ${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`);
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 200 /);
  });

  test('a client that leaves while it asks harms nobody', async () => {
    const { standIn } = await openLab();
    const socket = connect(standIn.port, '127.0.0.1');
    socket.write('POST /api/v1/chat HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{"model"');
    await new Promise<void>((resolve) => socket.once('ready', () => resolve()));
    socket.resetAndDestroy();
    expect((await fetch(`${standIn.url}/lmstudio-greeting`)).status).toBe(200);
  });

  test('the token is required where there is one', async () => {
    const { standIn } = await openLab({ token: TOKEN });
    const status = async (authorization?: string): Promise<number> => {
      const headers = authorization === undefined ? {} : { authorization };
      return (await fetch(`${standIn.url}/api/v1/models`, { headers })).status;
    };
    expect(await status()).toBe(401);
    expect(await status('Bearer sk-lm-wrong')).toBe(401);
    expect(await status(`Bearer ${TOKEN}`)).toBe(200);
  });
});

describe('POST /api/v1/models', () => {
  test('load and unload, with the settings echoed on demand', async () => {
    const lab = await openLab();
    const body = { model: KEY, context_length: 2048, flash_attention: false, echo_load_config: true };
    expect(await (await post(lab, '/api/v1/models/load', body)).json()).toMatchObject({
      type: 'llm',
      instance_id: KEY,
      load_time_seconds: expect.closeTo(0.8, 6),
      status: 'loaded',
      load_config: { context_length: 2048, flash_attention: false },
    });
    expect(lab.standIn.loaded()).toEqual([KEY]);
    const unloaded = await post(lab, '/api/v1/models/unload', { instance_id: KEY });
    expect(await unloaded.json()).toEqual({ instance_id: KEY });
    expect(lab.standIn.loaded()).toEqual([]);
  });

  test.each([
    ['/load', { model: KEY, parallel: 1 }, 400, "Unrecognized key(s) in object: 'parallel'"],
    ['/load', { model: 'nothing' }, 404, 'Cannot find a model with path "nothing"'],
    ['/load', {}, 400, '"model" is required'],
    ['/unload', { instance_id: 'nothing' }, 404, 'Cannot find a loaded model with identifier "nothing"'],
  ])('%s of %j is refused with %i', async (path, body, status, message) => {
    const response = await post(await openLab(), `/api/v1/models${path}`, body);
    expect(response.status).toBe(status);
    expect(await bodyAt(response, 'error', 'message')).toBe(message);
  });
});

describe('POST /api/v1/chat', () => {
  test('answers in one body with true counts and times', async () => {
    const response = await post(await loaded(), CHAT, ASK);
    expect(await response.json()).toEqual({
      model_instance_id: KEY,
      output: [{ type: 'message', content: expect.any(String) }],
      stats: {
        input_tokens: 12,
        total_output_tokens: 20,
        reasoning_output_tokens: 0,
        tokens_per_second: expect.closeTo(48, 6),
        time_to_first_token_seconds: expect.closeTo(12 / 420, 9),
      },
    });
  });

  test('streams the documented events in order; the deltas are the message', async () => {
    const events = await stream(await loaded());
    expect(namesOf(events)).toEqual([
      'chat.start',
      'prompt_processing.start',
      'prompt_processing.progress',
      'prompt_processing.end',
      'message.start',
      'message.delta',
      'message.end',
      'chat.end',
    ]);
    const deltas = events.filter(({ event }) => event === 'message.delta');
    const said = deltas.map(({ body }) => (typeof body === 'string' ? '' : body['content'])).join('');
    expect(deltas).toHaveLength(20);
    expect(events.at(-1)?.body).toMatchObject({
      type: 'chat.end',
      result: { output: [{ type: 'message', content: said }], stats: { total_output_tokens: 20 } },
    });
  });

  test('loads a model that is not there, says so, and gives the time it took', async () => {
    const lab = await openLab();
    const events = await stream(lab, { context_length: 2048 });
    expect(namesOf(events).slice(0, 5)).toEqual([
      'chat.start',
      'model_load.start',
      'model_load.progress',
      'model_load.end',
      'prompt_processing.start',
    ]);
    expect(events.at(-1)?.body).toMatchObject({
      result: { stats: { model_load_time_seconds: expect.closeTo(0.8, 6) } },
    });
    expect(lab.standIn.loaded()).toEqual([KEY]);
  });

  test('tells reasoning apart, and leaves it out where it is off', async () => {
    const models = DEFAULT_CATALOG.map((model) => ({ ...model, reasoning_tok: 6 }));
    const lab = await loaded({ models });
    const events = await stream(lab);
    expect(namesOf(events).slice(4, 10)).toEqual([
      'reasoning.start',
      'reasoning.delta',
      'reasoning.end',
      'message.start',
      'message.delta',
      'message.end',
    ]);
    expect(events.at(-1)?.body).toMatchObject({
      result: { stats: { total_output_tokens: 26, reasoning_output_tokens: 6 } },
    });
    const off = await post(lab, CHAT, { ...ASK, reasoning: 'off' });
    expect(await bodyAt(off, 'stats')).toMatchObject({ total_output_tokens: 20, reasoning_output_tokens: 0 });
  });

  test.each([
    ['sunny', 'tool_call.success', 'tool_call'],
    [null, 'tool_call.failure', 'invalid_tool_call'],
  ])('a tool that answers %j is called before the message', async (output, last, type) => {
    const toolCall = { tool: 'weather', arguments: { city: 'Oslo' }, output };
    const lab = await loaded({ models: DEFAULT_CATALOG.map((model) => ({ ...model, toolCall })) });
    const events = await stream(lab, { integrations: ['mcp/weather'] });
    expect(namesOf(events).slice(4, 8)).toEqual([
      'tool_call.start',
      'tool_call.arguments',
      last,
      'message.start',
    ]);
    expect(events.at(-1)?.body).toMatchObject({ result: { output: [{ type }, { type: 'message' }] } });
  });

  test('a repeated prompt is processed faster, and nothing in the body says why', async () => {
    const lab = await loaded();
    const first = await (await post(lab, CHAT, ASK)).json();
    const again = await (await post(lab, CHAT, ASK)).json();
    expect(at(again, 'stats', 'input_tokens')).toBe(at(first, 'stats', 'input_tokens'));
    expect(at(again, 'stats', 'time_to_first_token_seconds')).toBeCloseTo(1 / 420, 9);
    expect(lab.standIn.answers.map(({ cached_tok }) => cached_tok)).toEqual([0, 11]);
  });

  test('a stored answer can be gone on with', async () => {
    const lab = await loaded();
    const id = await bodyAt(await post(lab, CHAT, { ...ASK, store: true }), 'response_id');
    expect(id).toMatch(/^resp_[0-9a-f]{48}$/);
    const body = { ...ASK, input: 'And more.', previous_response_id: id };
    const second = await post(lab, CHAT, body);
    expect(await bodyAt(second, 'stats', 'input_tokens')).toBeGreaterThan(12 + 20);
  });

  test('max_output_tokens ends the answer', async () => {
    const response = await post(await loaded(), CHAT, { ...ASK, max_output_tokens: 7 });
    expect(await bodyAt(response, 'stats', 'total_output_tokens')).toBe(7);
  });

  test.each([
    [{ ...ASK, seed: 1 }, 400, "Unrecognized key(s) in object: 'seed'"],
    [{ ...ASK, seed: 1, stop: ['x'] }, 400, "Unrecognized key(s) in object: 'seed', 'stop'"],
    [{ input: 'x' }, 400, '"model" is required'],
    [{ model: KEY }, 400, '"input" is required'],
    [{ ...ASK, model: 'nothing' }, 404, 'Cannot find a model with path "nothing"'],
    [{ ...ASK, temperature: 2 }, 400, 'Number must be between 0 and 1'],
    [{ ...ASK, reasoning: 'high' }, 400, "Reasoning setting 'high' is not supported by this model"],
  ])('%j is refused with %i', async (body, status, message) => {
    const response = await post(await loaded(), CHAT, body);
    expect(response.status).toBe(status);
    expect(await bodyAt(response, 'error', 'message')).toBe(message);
  });

  test('a body that is no JSON is refused', async () => {
    const response = await post(await loaded(), CHAT, null, { body: '{"model":' });
    expect(response.status).toBe(400);
  });

  test('a client that leaves ends the work', async () => {
    const lab = await loaded({ clock: systemClock, models: QUICK_MODELS, answerTokens: () => 4000 });
    const abort = new AbortController();
    const idle = new Promise<void>((resolve) => {
      lab.steps.subscribe((step) => step.gpu_W === 0 && resolve());
    });
    const response = await post(lab, CHAT, { ...ASK, stream: true }, { signal: abort.signal });
    await response.body?.getReader().read();
    abort.abort();
    await idle;
    expect(lab.steps.all().at(-1)).toMatchObject({ cpu_W: 0, gpu_W: 0 });
  });
});

describe('faults of REST', () => {
  test.each([
    ['html', 'text/html', /^<!doctype html>/],
    ['error-200', 'application/json; charset=utf-8', /^{"error":"Model is unloaded."}$/],
  ] as const)('%s comes with status 200', async (kind, type, start) => {
    const response = await post(await loaded({ faults: { reply: { kind, endpoint: CHAT } } }), CHAT, ASK);
    expect([response.status, response.headers.get('content-type')]).toEqual([200, type]);
    expect(await response.text()).toMatch(start);
  });

  test('never: the request stays open until its client leaves', async () => {
    const lab = await loaded({ faults: { reply: { kind: 'never', endpoint: CHAT } } });
    const abort = new AbortController();
    const asked = post(lab, CHAT, ASK, { signal: abort.signal });
    await fetch(`${lab.standIn.url}/api/v1/models`);
    abort.abort();
    await expect(asked).rejects.toThrow();
  });

  test('drop cuts the connection in the middle of the stream', async () => {
    const lab = await loaded({ faults: { stream: { kind: 'drop', after_tok: 3 } } });
    await expect(stream(lab)).rejects.toThrow();
  });

  test('truncate ends the stream as if all were well, without chat.end', async () => {
    const events = await stream(await loaded({ faults: { stream: { kind: 'truncate', after_tok: 3 } } }));
    expect(events.filter(({ event }) => event === 'message.delta')).toHaveLength(3);
    expect(events.at(-1)?.event).toBe('message.delta');
  });

  test('stall keeps the stream open and silent', async () => {
    const lab = await loaded({ faults: { stream: { kind: 'stall', after_tok: 3 } } });
    const response = await post(lab, CHAT, { ...ASK, stream: true });
    const reader = response.body?.getReader();
    let heard = '';
    while ((heard.match(/message\.delta\n/g) ?? []).length < 3) {
      heard += new TextDecoder().decode((await reader?.read())?.value);
    }
    expect(lab.standIn.answers).toEqual([]);
    await reader?.cancel();
  });

  test('garbage stands in the middle of a stream that goes on', async () => {
    const events = await stream(await loaded({ faults: { stream: { kind: 'garbage', after_tok: 3 } } }));
    expect(events.filter(({ body }) => typeof body === 'string')).toHaveLength(1);
    expect(events.at(-1)?.event).toBe('chat.end');
  });

  test.each(['evict', 'evict-error'] as const)(
    '%s gives an error event, and chat.end all the same',
    async (kind) => {
      const events = await stream(await loaded({ faults: { stream: { kind, after_tok: 3 } } }));
      expect(namesOf(events).slice(-3)).toEqual(['message.end', 'error', 'chat.end']);
      expect(events.at(-2)?.body).toEqual({
        type: 'error',
        error: { type: 'internal_error', message: 'Model is unloaded.' },
      });
    },
  );

  test('evict without a stream is a failed request', async () => {
    const response = await post(
      await loaded({ faults: { stream: { kind: 'evict', after_tok: 3 } } }),
      CHAT,
      ASK,
    );
    expect(response.status).toBe(500);
    expect(await bodyAt(response, 'error', 'message')).toBe('Model is unloaded.');
  });

  test('a load that fails in the middle of a stream', async () => {
    const events = await stream(await openLab({ faults: { loadFails: 'Insufficient system resources' } }));
    expect(namesOf(events).slice(-2)).toEqual(['error', 'chat.end']);
  });

  test('a list with a type that nobody knows', async () => {
    const { standIn } = await loaded({ faults: { unknownModelType: true } });
    const models = await bodyAt(await fetch(`${standIn.url}/api/v1/models`), 'models');
    expect(models).toContainEqual(expect.objectContaining({ type: 'drafter' }));
  });
});
