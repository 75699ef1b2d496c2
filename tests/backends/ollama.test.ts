import { afterEach, describe, expect, test } from 'vitest';
import type { Backend, LoadedModel } from '../../src/backends/backend.ts';
import { createOllama } from '../../src/backends/ollama.ts';
import { systemClock } from '../../src/core/clock.ts';
import type { Completion } from '../../src/core/run.ts';
import { startOllamaStandIn } from '../../src/simulator/ollama/server.ts';
import type { StandIn } from '../../src/simulator/serving/stand-in.ts';
import { type ContractOptions, startServing } from '../support/contract-servers.ts';
import { NO_LOAD, requestTo, until } from '../support/lmstudio-lab.ts';
import { startHttpServer } from '../support/scripted-server.ts';

const never = new AbortController().signal;
const opened: Array<{ close(): Promise<void> }> = [];
const MODEL: LoadedModel = { key: 'm:1', identifier: 'm:1', owned: false, settings: [], model: null };
const NAME = 'simulated-4b:q8_0';

afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});

function open(url: string): Backend {
  const backend = createOllama({ url, token: null, clock: systemClock, timeout_s: 30 });
  opened.push(backend);
  return backend;
}

async function openLab(options: ContractOptions = {}): Promise<{ lab: StandIn; backend: Backend }> {
  const lab = await startServing(startOllamaStandIn, options);
  opened.push(lab);
  return { lab, backend: open(lab.url) };
}

/** One request to an Ollama whose chat writes these lines, in chunks of `size` bytes. */
async function chatWith(
  lines: readonly object[],
  model = MODEL,
  size = 7,
): Promise<{ answer: Completion; body: unknown }> {
  let body: unknown = null;
  const server = await startHttpServer(({ path, body: text }, response) => {
    if (path === '/') response.end('Ollama is running');
    else if (path === '/api/version') response.end('{"version":"0.13.5"}');
    else if (path === '/api/ps') response.end('{"models":[{"model":"m:1"}]}');
    else {
      body = JSON.parse(text);
      response.writeHead(200, { 'content-type': 'application/x-ndjson' });
      const bytes = Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
      for (let at = 0; at < bytes.length; at += size) response.write(bytes.subarray(at, at + size));
      response.end();
    }
  });
  opened.push(server);
  return { answer: await open(server.url).complete(requestTo(model), { signal: never }), body };
}

const said = (content: string, more: object = {}): object => ({
  model: 'm:1',
  message: { role: 'assistant', content, ...more },
  done: false,
});
const END = {
  model: 'm:1',
  message: { role: 'assistant', content: '' },
  done: true,
  done_reason: 'length',
  total_duration: 90_000,
  load_duration: 20_000_000,
  prompt_eval_count: 11,
  prompt_eval_duration: 30_000,
  eval_count: 4,
  eval_duration: 40_000,
};

describe('a chat', () => {
  test('is asked for without truncation, with the options that the instance was started with', async () => {
    const settings = [
      { name: 'context_tok', requested: null, effective: 8192, source: 'server' },
      { name: 'gpuOffload', requested: 'off', effective: 'off', source: 'server' },
    ] as const;
    const { body } = await chatWith([END], { ...MODEL, settings });
    expect(body).toEqual({
      model: 'm:1',
      messages: [{ role: 'user', content: requestTo(MODEL).prompt.text }],
      stream: true,
      truncate: false,
      shift: false,
      options: { num_ctx: 8192, num_gpu: 0, num_predict: 30 },
    });
  });

  test('is read from any chunking, thought apart from answer, durations verbatim', async () => {
    const { answer } = await chatWith([said('', { thinking: 'hm' }), said('ä'), said('b'), END]);
    expect(answer.tokens.map(({ sort }) => sort)).toEqual(['reasoning', 'content', 'content']);
    expect(answer).toMatchObject({
      text: 'äb',
      input_tok: 11,
      output_tok: 4,
      tokenSource: 'server',
      cached_tok: null,
      reasoning_tok: null,
      stopReason: 'length',
      error: null,
    });
    expect(answer.serverStatistics).toMatchObject({
      prompt_eval_duration: 30_000,
      load_duration: 20_000_000,
    });
  });

  test('has a prompt window as long as the server says, that ends no later than the first delta', async () => {
    const { answer } = await chatWith([said('a'), END]);
    expect(answer.promptEnd_s).toBeLessThanOrEqual(answer.firstToken_s ?? Number.NaN);
    expect((answer.promptEnd_s ?? 0) - (answer.promptStart_s ?? 0)).toBeCloseTo(0.00003, 9);
  });

  test('has none where the server leaves a duration out', async () => {
    const { prompt_eval_duration: _left, ...end } = END;
    const { answer } = await chatWith([said('a'), end]);
    expect(answer).toMatchObject({ promptStart_s: null, promptEnd_s: null });
  });

  test('inside which the model had to be loaded is MODEL_UNLOADED', async () => {
    const { answer } = await chatWith([said('a'), { ...END, load_duration: 4_200_000_000 }]);
    expect(answer.error).toEqual({ code: 'MODEL_UNLOADED', message: expect.stringContaining('4.2 s') });
  });

  test('that another model answered is a mismatch', async () => {
    const { answer } = await chatWith([said('a'), { ...END, model: 'n:1' }]);
    expect(answer.error?.code).toBe('MODEL_MISMATCH');
  });

  test('of a model that is not in memory is not sent: the server would load it inside', async () => {
    const { lab, backend } = await openLab();
    const [model = MODEL] = await backend.loaded();
    lab.evict('simulated-4b@q4_k_m');
    const answer = await backend.complete(requestTo(model), { signal: never });
    expect(answer).toMatchObject({ error: { code: 'MODEL_UNLOADED' }, stopReason: 'unloaded', tokens: [] });
    expect(lab.requests.at(-1)?.endpoint).toBe('/api/ps');
    expect(lab.loaded()).toEqual([]);
  });

  test('does not move an instance that someone else started with another context', async () => {
    const { lab, backend } = await openLab();
    const foreign = await backend.load(NAME, { ...NO_LOAD, context_tok: 1024 }, never);
    const other = open(lab.url);
    const seen = (await other.loaded()).find(({ identifier }) => identifier === NAME);
    expect(seen).toMatchObject({ owned: false });
    const before = lab.loaded();
    if (seen !== undefined)
      expect((await other.complete(requestTo(seen), { signal: never })).error).toBeNull();
    expect(lab.loaded()).toEqual(before);
    expect((await other.loaded()).find(({ identifier }) => identifier === NAME)?.settings).toContainEqual(
      expect.objectContaining({ name: 'context_tok', effective: 1024 }),
    );
    await backend.unload(foreign);
  });
});

describe('models', () => {
  test('that run in the cloud are marked, refused at the load, and never asked', async () => {
    const { backend } = await openLab();
    const models = await backend.models();
    const cloud = models.find(({ remote }) => remote);
    expect(cloud?.key).toBe('simulated-70b-remote:latest');
    await expect(backend.load('simulated-70b-remote', NO_LOAD, never)).rejects.toMatchObject({
      code: 'MODEL_REMOTE',
    });
    const model = { ...MODEL, model: cloud ?? null };
    await expect(backend.complete(requestTo(model), { signal: never })).rejects.toMatchObject({
      code: 'MODEL_REMOTE',
    });
  });

  test('that only embed are told apart', async () => {
    const { backend } = await openLab();
    const embeddings = (await backend.models()).filter(({ type }) => type === 'embedding');
    expect(embeddings.map(({ key }) => key)).toEqual(['simulated-embedding:latest']);
  });
});

describe('load and unload', () => {
  test('keeps what it loads until it unloads it, with digest and context read back', async () => {
    const { lab, backend } = await openLab();
    const mine = await backend.load(NAME, { ...NO_LOAD, context_tok: 2048 }, never);
    expect(mine).toMatchObject({ owned: true, identifier: NAME });
    expect(mine.settings).toContainEqual({
      name: 'context_tok',
      requested: 2048,
      effective: 2048,
      source: 'server',
    });
    expect(mine.model?.digest).toMatch(/^[0-9a-f]{64}$/);
    expect(lab.requests.find(({ endpoint }) => endpoint === '/api/generate')?.parameter).toMatchObject({
      keep_alive: -1,
      options: { num_ctx: 2048 },
    });
    await backend.unload(mine);
    expect(lab.requests.at(-1)?.parameter).toMatchObject({ model: NAME, keep_alive: 0 });
    expect(lab.loaded()).toEqual(['simulated-4b@q4_k_m']);
  });

  test('takes an instance that is there as it is, and leaves it there', async () => {
    const { lab, backend } = await openLab();
    const present = await backend.load('simulated-4b:q4_k_m', NO_LOAD, never);
    expect(present.owned).toBe(false);
    await backend.unload(present);
    expect(lab.requests.some(({ endpoint }) => endpoint === '/api/generate')).toBe(false);
    expect(lab.loaded()).toHaveLength(1);
  });

  test('an engine that cannot load it is MODEL_LOAD_FAILED, with its words', async () => {
    const { backend } = await openLab({ faults: { loadFails: 'not enough memory for this' } });
    await expect(backend.load(NAME, NO_LOAD, never)).rejects.toMatchObject({ code: 'MODEL_LOAD_FAILED' });
  });

  test('an interrupted load leaves nothing of its own in memory', async () => {
    const { lab, backend } = await openLab();
    const stop = new AbortController();
    const loading = backend.load(NAME, NO_LOAD, stop.signal).catch(({ code }) => code);
    await until(() => lab.requests.at(-1)?.endpoint === '/api/generate');
    stop.abort();
    expect(await loading).toBe('INTERRUPTED');
    expect(lab.loaded()).toEqual(['simulated-4b@q4_k_m']);
  });

  test('names the load settings that it cannot apply', () => {
    const load = { context_tok: 1, gpuOffload: 0.5, flashAttention: true, parallel: 2 };
    const refused = open('http://127.0.0.1:9').unsupported(requestTo(MODEL).inference, load);
    expect(refused).toEqual(['gpuOffload other than off', 'flashAttention', 'parallel']);
  });
});
