import { afterEach, describe, expect, test } from 'vitest';
import type { Backend, LoadedModel } from '../../src/backends/backend.ts';
import { BACKENDS, type BackendOptions } from '../../src/backends/index.ts';
import { type Clock, systemClock } from '../../src/core/clock.ts';
import type { LmpowerError } from '../../src/core/errors.ts';
import type { Completion } from '../../src/core/run.ts';
import type { LmStudioFaults, ReplyFault } from '../../src/simulator/lmstudio/faults.ts';
import {
  CONTRACT_SERVERS,
  type ContractLab,
  type ContractOptions,
  type ContractServer,
} from '../support/contract-servers.ts';
import { FAST_MODELS, NO_LOAD, requestTo, until } from '../support/lmstudio-lab.ts';
import { manualClock } from '../support/manual-clock.ts';
import { startHttpServer, startTcpServer, urlOfNobody } from '../support/scripted-server.ts';

const TOKEN = 'sk-lm-abcdEFGH:abcdefghij0123456789';
const OTHER_TOKEN = 'sk-lm-wxyzEFGH:zyxwvutsrq0123456789';
const TIMEOUT_s = 30;
const NOBODY: LoadedModel = { key: 'm', identifier: 'm', owned: false, settings: [], model: null };
const never = new AbortController().signal;

const opened: Array<{ close(): Promise<void> }> = [];

afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});

function contractOf(id: string): ContractServer {
  const contract = CONTRACT_SERVERS[id];
  if (contract === undefined) throw new Error(`the contract knows no stand-in for ${id}`);
  return contract;
}

describe.each(BACKENDS)('$id', ({ id, create }) => {
  const contract = contractOf(id);
  const { key: KEY, tells } = contract;
  const overSdk = id === 'lmstudio';
  const overHttp = !overSdk;
  /** LM Studio loads a second instance beside the first, under a name of our own. */
  const ofLmStudio = id.startsWith('lmstudio');

  async function startLab(options: ContractOptions = {}): Promise<ContractLab> {
    const lab = await contract.start(options);
    opened.push(lab);
    return lab;
  }

  function open(url: string, options: Partial<BackendOptions> = {}): Backend {
    const backend = create({ url, token: null, clock: systemClock, timeout_s: TIMEOUT_s, ...options });
    opened.push(backend);
    return backend;
  }

  async function openLab(
    faults: Partial<LmStudioFaults> = {},
    clock: Clock = systemClock,
  ): Promise<{ lab: ContractLab; backend: Backend; model: LoadedModel }> {
    const lab = await startLab();
    const backend = open(lab.url, { clock });
    const [model] = await backend.loaded();
    if (model === undefined) throw new Error('the lab has no model in memory');
    Object.assign(lab.faults, faults);
    return { lab, backend, model };
  }

  async function complete(backend: Backend, model: LoadedModel): Promise<Completion> {
    return backend.complete(requestTo(model), { signal: never });
  }

  async function codeOf(work: Promise<unknown>): Promise<string> {
    return work.then(
      () => 'no error',
      (error: LmpowerError) => error.code,
    );
  }

  describe('probe', () => {
    test('says ready, with version and address, when a model is in memory', async () => {
      const lab = await startLab();
      const probe = await open(lab.url).probe();
      expect(probe).toMatchObject({ state: 'ready', url: lab.url, remedy: null });
      expect(probe.version ?? '').toContain(contract.version ?? '');
    });

    test('says no-model, and what to do, when none is', async () => {
      const lab = await startLab({ loadedAtStart: [] });
      const probe = await open(lab.url).probe();
      expect(probe.state).toBe('no-model');
      expect(probe.remedy).toContain(contract.remedyWithoutModel);
    });

    test.each([
      ['none', null],
      ['a wrong one', OTHER_TOKEN],
      ['a malformed one', contract.malformedToken],
    ])('says unauthorized when the server wants a token and gets %s', async (_title, token) => {
      const lab = await startLab({ token: TOKEN });
      const probe = await open(lab.url, { token }).probe();
      expect(probe.state).toBe('unauthorized');
      expect(JSON.stringify(probe)).not.toContain('zyxwvutsrq');
    });

    test('says ready with the right token', async () => {
      const lab = await startLab({ token: TOKEN });
      expect((await open(lab.url, { token: TOKEN }).probe()).state).toBe('ready');
    });

    test('says unreachable where nobody listens', async () => {
      const probe = await open(await urlOfNobody()).probe();
      expect(probe).toMatchObject({ state: 'unreachable', version: null });
      expect(probe.remedy).toContain('lmpower doctor');
    });

    test.each([
      ['a web page', 'text/html', '<html>hello</html>'],
      ['other JSON', 'application/json', '{"hello":true}'],
    ])('says unreachable where %s answers', async (_title, type, body) => {
      const server = await startHttpServer((_request, response) => {
        response.writeHead(200, { 'content-type': type }).end(body);
      });
      opened.push(server);
      const probe = await open(server.url).probe();
      expect(probe.state).toBe('unreachable');
      expect(probe.detail).toContain(`not ${contract.name}`);
    });

    test('says unreachable where something answers that is not HTTP', async () => {
      const server = await startTcpServer((socket) => socket.end('220 mail.example ready\r\n'));
      opened.push(server);
      expect((await open(server.url).probe()).state).toBe('unreachable');
    });
  });

  describe('models', () => {
    test('lists the models with their kinds, facts and instances', async () => {
      const lab = await startLab();
      const models = await open(lab.url).models();
      expect(models.map(({ key }) => key)).toEqual(contract.keys);
      expect(models.filter(({ key, type }) => /embedding/.test(key) !== (type === 'embedding'))).toEqual([]);
      expect(models[0]).toMatchObject(contract.facts);
    });

    test('a server that does not know the call is a protocol error', async () => {
      const { lab, backend } = await openLab();
      lab.faults.reply = { kind: 'unknown-endpoint', endpoint: contract.listing };
      expect(await codeOf(backend.models())).toBe('BACKEND_PROTOCOL');
    });

    test.runIf(overHttp).each<[string, Omit<ReplyFault, 'endpoint'>, string]>([
      ['a web page', { kind: 'html' }, 'BACKEND_PROTOCOL'],
      ['a refusal', { kind: 'status', status: 400, message: 'not so' }, 'BACKEND_REFUSED'],
      ['no right', { kind: 'status', status: 401 }, 'BACKEND_UNAUTHORIZED'],
      ['its own failure', { kind: 'status', status: 500, message: 'out of memory' }, 'BACKEND_REFUSED'],
    ])('a server that answers with %s says so, and what to do', async (_title, fault, code) => {
      const { lab, backend } = await openLab();
      lab.faults.reply = { ...fault, endpoint: contract.listing };
      const error: LmpowerError = await backend.models().then(
        () => Promise.reject(new Error('it listed models')),
        (thrown: LmpowerError) => thrown,
      );
      expect(error.code).toBe(code);
      expect(error.message).toContain(fault.message ?? '');
      expect(error.remedy).not.toBe('');
    });

    test('a server that does not answer is a timeout', async () => {
      const clock = manualClock();
      const { lab, backend } = await openLab({}, clock);
      lab.faults.reply = { kind: 'never' };
      const before = lab.requests.length;
      const models = codeOf(backend.models());
      await until(() => lab.requests.length > before);
      await clock.advance(TIMEOUT_s);
      expect(await models).toBe('BACKEND_TIMEOUT');
    });

    test('the same backend goes on when the server does again', async () => {
      const { lab, backend } = await openLab();
      lab.faults.reply = { kind: 'unknown-endpoint', endpoint: contract.listing };
      expect(await codeOf(backend.models())).toBe('BACKEND_PROTOCOL');
      lab.faults.reply = null;
      expect(await backend.models()).not.toHaveLength(0);
    });
  });

  test('an unknown key is MODEL_NOT_FOUND', async () => {
    const { backend } = await openLab();
    expect(await codeOf(backend.load('no/such-model', NO_LOAD, never))).toBe('MODEL_NOT_FOUND');
  });

  test('claims nothing of settings that the server did not tell', async () => {
    const { model } = await openLab();
    const told = model.settings.filter(({ source }) => source === 'server').map(({ name }) => name);
    expect(told).toContain('context_tok');
    expect(told.some((name) => /numExperts|flash|draft/.test(name))).toBe(
      ofLmStudio && told.includes('flashAttention'),
    );
  });

  test('unloads nothing that it did not load', async () => {
    const { lab, backend, model } = await openLab();
    await backend.unload(model);
    expect(lab.loaded()).toHaveLength(1);
  });

  describe.runIf(ofLmStudio)('load and unload', () => {
    test('loads an instance of its own, reads the settings back, and unloads nothing else', async () => {
      const { lab, backend, model } = await openLab();
      const mine = await backend.load(KEY, { ...NO_LOAD, context_tok: 2048, flashAttention: true }, never);
      expect(mine).toMatchObject({ key: KEY, owned: true });
      expect(mine.identifier).not.toBe(model.identifier);
      expect(mine.settings).toContainEqual({
        name: 'context_tok',
        requested: 2048,
        effective: 2048,
        source: 'server',
      });
      expect(lab.loaded()).toEqual([model.identifier, mine.identifier]);
      await backend.unload(model);
      expect(lab.loaded()).toEqual([model.identifier, mine.identifier]);
      await backend.unload(mine);
      expect(lab.loaded()).toEqual([model.identifier]);
    });

    test('shows a setting that the server did not apply as such', async () => {
      const { backend } = await openLab({ loadSettings: { 'llm.load.contextLength': 1024 } });
      const mine = await backend.load(KEY, { ...NO_LOAD, context_tok: 2048 }, never);
      expect(mine.settings).toContainEqual({
        name: 'context_tok',
        requested: 2048,
        effective: 1024,
        source: 'server',
      });
      await backend.unload(mine);
    });

    test('an instance that is loaded answers under its own name', async () => {
      const { backend } = await openLab();
      const mine = await backend.load(KEY, NO_LOAD, never);
      expect((await complete(backend, mine)).error).toBeNull();
      await backend.unload(mine);
    });

    test('an engine that cannot load it is MODEL_LOAD_FAILED, with its words', async () => {
      const { backend } = await openLab({ loadFails: 'not enough memory for this' });
      const failure = backend.load(KEY, NO_LOAD, never);
      await expect(failure).rejects.toMatchObject({
        code: 'MODEL_LOAD_FAILED',
        message: expect.stringContaining('not enough memory'),
      });
    });

    test('unloading what is gone already is no error', async () => {
      const { lab, backend } = await openLab();
      const mine = await backend.load(KEY, NO_LOAD, never);
      lab.evict(mine.identifier);
      await expect(backend.unload(mine)).resolves.toBeUndefined();
    });

    test('an interrupted load leaves nothing in memory', async () => {
      const { lab, backend, model } = await openLab();
      const stop = new AbortController();
      const before = lab.requests.length;
      const loading = codeOf(backend.load(KEY, NO_LOAD, stop.signal));
      await until(() => lab.requests.length > before);
      stop.abort();
      expect(await loading).toBe('INTERRUPTED');
      if (overSdk) expect(lab.loaded()).toEqual([model.identifier]);
    });
  });

  describe('complete', () => {
    test('counts what the server counted, and keeps its statistics', async () => {
      const { lab, backend, model } = await openLab();
      const completion = await complete(backend, model);
      const served = lab.answers.at(-1);
      expect(completion).toMatchObject({
        promptId: 'short-1',
        error: null,
        tokenSource: 'server',
        stopReason: 'length',
        output_tok: 30,
        reasoning_tok: tells.reasoning ? 0 : null,
        cached_tok: tells.cached_tok,
      });
      expect(served).toBeDefined();
      expect(completion.input_tok).toBeGreaterThan(0);
      expect(completion.text.length).toBeGreaterThan(0);
      expect(completion.input_tok).toBe(served?.prompt_tok);
      expect(Object.keys(completion.serverStatistics)).toContain(tells.statistics);
      const counted = completion.tokens.map(({ count_tok }) => count_tok);
      if (tells.perDelta)
        expect(counted.reduce<number>((sum, count_tok) => sum + (count_tok ?? 0), 0)).toBe(30);
      else expect(new Set(counted)).toEqual(new Set([null]));
    });

    test('stamps the events of a request in their order', async () => {
      const { backend, model } = await openLab();
      const asked_s = systemClock.now_s();
      const { requested_s, promptStart_s, promptEnd_s, firstToken_s, lastToken_s, ended_s, tokens } =
        await complete(backend, model);
      const order = [
        asked_s,
        requested_s,
        ...(tells.window ? [promptStart_s, promptEnd_s] : []),
        firstToken_s,
        lastToken_s,
        ended_s,
        systemClock.now_s(),
      ];
      if (!tells.window) expect([promptStart_s, promptEnd_s]).toEqual([null, null]);
      expect(order).not.toContain(null);
      expect(order).toEqual([...order].sort((a, b) => Number(a) - Number(b)));
      const arrivals = tokens.map(({ arrival_s }) => arrival_s);
      expect(arrivals).toEqual([...arrivals].sort((a, b) => a - b));
      expect(arrivals[0]).toBe(firstToken_s);
      expect(arrivals.at(-1)).toBe(lastToken_s);
    });

    test('hands each delta on as it arrives', async () => {
      const { backend, model } = await openLab();
      const heard: unknown[] = [];
      const completion = await backend.complete(requestTo(model), {
        signal: never,
        onToken: (delta) => heard.push(delta),
      });
      expect(heard).toEqual(completion.tokens);
    });

    test('sends the settings that were asked for, and no other', async () => {
      const { lab, backend, model } = await openLab();
      const settings = { temperature: 0.25, topP: 0.5, topK: 7, minP: 0.125, repeatPenalty: 1.5 };
      await backend.complete(requestTo(model, { ...settings, maxOutput_tok: 9 }), { signal: never });
      const sent = JSON.stringify(
        lab.requests.findLast(({ endpoint }) => endpoint === contract.chat)?.parameter,
      );
      for (const value of [...Object.values(settings), 9]) expect(sent).toContain(String(value));
      await complete(backend, model);
      const plain = lab.requests.findLast(({ endpoint }) => endpoint === contract.chat)?.parameter;
      expect(JSON.stringify(plain)).not.toMatch(/temperature|seed/i);
    });

    test('tells reasoning from answer', async () => {
      const lab = await startLab({ models: FAST_MODELS.map((model) => ({ ...model, reasoning_tok: 10 })) });
      const backend = open(lab.url);
      const [model] = await backend.loaded();
      if (model === undefined) throw new Error('the lab has no model in memory');
      const completion = await complete(backend, model);
      const sorts = completion.tokens.map(({ sort }) => sort);
      if (tells.reasoning) expect(completion.reasoning_tok).toBeGreaterThanOrEqual(10);
      else expect(completion.reasoning_tok).toBeNull();
      expect(sorts[0]).toBe('reasoning');
      expect(sorts.at(-1)).toBe('content');
      expect(completion.output_tok).toBe(30);
    });

    test.each<[string, Partial<LmStudioFaults>, string, string]>([
      ['cuts the line', { stream: { kind: 'drop', after_tok: 5 } }, 'BACKEND_DISCONNECTED', 'failed'],
      ['evicts the model', { stream: { kind: 'evict', after_tok: 5 } }, 'MODEL_UNLOADED', 'unloaded'],
      [
        'evicts it with an error',
        { stream: { kind: 'evict-error', after_tok: 5 } },
        'MODEL_UNLOADED',
        'unloaded',
      ],
      ['reports an error', { stream: { kind: 'error', after_tok: 5 } }, 'BACKEND_REFUSED', 'failed'],
      ['writes garbage', { stream: { kind: 'garbage', after_tok: 5 } }, 'BACKEND_PROTOCOL', 'failed'],
    ])(
      'a server that %s in the middle: what had arrived is kept',
      async (_title, faults, code, stopReason) => {
        const { backend, model } = await openLab(faults);
        const completion = await complete(backend, model);
        expect(completion.error?.code).toBe(code);
        expect(completion.stopReason).toBe(stopReason);
        // What was still in the socket when it was cut is lost.
        expect(completion.tokens.length).toBeGreaterThan(0);
        expect(completion.ended_s).toBeGreaterThanOrEqual(completion.lastToken_s ?? Number.NaN);
      },
    );

    test.each<['stall' | 'truncate', string]>([
      ['stall', 'BACKEND_TIMEOUT'],
      ['truncate', overSdk ? 'BACKEND_TIMEOUT' : 'BACKEND_DISCONNECTED'],
    ])('a stream that ends in a %s is noticed', async (kind, code) => {
      const clock = manualClock();
      const { backend, model } = await openLab({ stream: { kind, after_tok: 5 } }, clock);
      let arrived = 0;
      const answer = backend.complete(requestTo(model), { signal: never, onToken: () => arrived++ });
      await until(() => arrived >= 5);
      await clock.advance(TIMEOUT_s - 1);
      await clock.advance(1);
      const completion = await answer;
      expect(completion.error?.code).toBe(code);
      expect(completion.tokens).toHaveLength(5);
      expect(completion).toMatchObject({ output_tok: 5, tokenSource: tells.partial });
    });

    test('tokens keep the watchdog quiet however long the answer takes', async () => {
      const clock = manualClock();
      const models = FAST_MODELS.map((model) => ({ ...model, decodeTokPerS: 6 / TIMEOUT_s }));
      const lab = await startLab({ models, clock });
      const backend = open(lab.url, { clock });
      const [model] = await backend.loaded();
      if (model === undefined) throw new Error('the lab has no model in memory');
      const completion = await clock.runUntil(complete(backend, model));
      expect(completion).toMatchObject({ error: null, output_tok: 30 });
      expect(completion.ended_s - completion.requested_s).toBeGreaterThan(4 * TIMEOUT_s);
    });

    test('a server that never begins to answer is a timeout with nothing arrived', async () => {
      const clock = manualClock();
      const endpoint = contract.chat;
      const { lab, backend, model } = await openLab({ reply: { kind: 'never', endpoint } }, clock);
      const answer = complete(backend, model);
      await until(() => lab.requests.at(-1)?.endpoint === endpoint);
      await clock.advance(TIMEOUT_s);
      const completion = await answer;
      expect(completion.error?.code).toBe('BACKEND_TIMEOUT');
      expect(completion).toMatchObject({
        tokens: [],
        firstToken_s: null,
        output_tok: null,
        tokenSource: null,
      });
    });

    test.runIf(overHttp).each<[string, Omit<ReplyFault, 'endpoint'>, string]>([
      ['a refusal', { kind: 'status', status: 400, message: 'the prompt is too long' }, 'BACKEND_REFUSED'],
      ['no right', { kind: 'status', status: 403 }, 'BACKEND_UNAUTHORIZED'],
      ['its own failure', { kind: 'status', status: 500, message: 'out of memory' }, 'BACKEND_REFUSED'],
      ['a gateway’s failure', { kind: 'status', status: 502 }, 'BACKEND_REFUSED'],
      ['an error with status 200', { kind: 'error-200' }, ofLmStudio ? 'MODEL_UNLOADED' : 'BACKEND_REFUSED'],
      ['a web page', { kind: 'html' }, 'BACKEND_PROTOCOL'],
    ])(
      'a server that answers with %s: nothing arrived, and the reason is told',
      async (_title, fault, code) => {
        const { lab, backend, model } = await openLab();
        lab.faults.reply = { ...fault, endpoint: contract.chat };
        const completion = await complete(backend, model);
        expect(completion).toMatchObject({ tokens: [], output_tok: null, input_tok: null, error: { code } });
        if (fault.message !== undefined) expect(completion.error?.message).toContain(fault.message);
      },
    );

    test('a server that dies in the middle and returns is asked again as if nothing had been', async () => {
      const { lab, backend, model } = await openLab();
      let arrived = 0;
      const answer = backend.complete(requestTo(model, { maxOutput_tok: 2000 }), {
        signal: never,
        onToken: () => arrived++,
      });
      await until(() => arrived >= 3);
      await lab.die();
      expect((await answer).error?.code).toBe('BACKEND_DISCONNECTED');
      expect(await codeOf(complete(backend, model))).toBe('BACKEND_UNREACHABLE');
      await lab.comeBack();
      const [again] = await backend.loaded();
      expect(again?.identifier).toBe(model.identifier);
      if (again !== undefined) expect((await complete(backend, again)).error).toBeNull();
    });

    test('a model that has gone since is MODEL_UNLOADED', async () => {
      const { backend, model } = await openLab({ evictBeforePredict: true });
      expect((await complete(backend, model)).error?.code).toBe('MODEL_UNLOADED');
    });

    test('a server that does not know the call is a protocol error', async () => {
      const endpoint = contract.chat;
      const { backend, model } = await openLab({ reply: { kind: 'unknown-endpoint', endpoint } });
      expect((await complete(backend, model)).error?.code).toBe('BACKEND_PROTOCOL');
    });

    test('it throws when nothing could be sent', async () => {
      const { lab, backend, model } = await openLab();
      await lab.close();
      expect((await backend.probe()).state).toBe('unreachable');
      expect(await codeOf(complete(backend, model))).toBe('BACKEND_UNREACHABLE');
    });

    test('the backend is as new after each failure', async () => {
      const { lab, backend, model } = await openLab({ stream: { kind: 'drop', after_tok: 3 } });
      expect((await complete(backend, model)).error?.code).toBe('BACKEND_DISCONNECTED');
      lab.faults.stream = { kind: 'garbage', after_tok: 3 };
      expect((await complete(backend, model)).error?.code).toBe('BACKEND_PROTOCOL');
      lab.faults.stream = null;
      expect((await complete(backend, model)).error).toBeNull();
    });

    test('an abort before the request sends nothing', async () => {
      const { lab, backend, model } = await openLab();
      const before = lab.requests.length;
      const answer = backend.complete(requestTo(model), { signal: AbortSignal.abort() });
      expect(await codeOf(answer)).toBe('INTERRUPTED');
      expect(lab.requests).toHaveLength(before);
    });

    test.each<[string, Partial<LmStudioFaults>]>([
      ['answers', {}],
      ['hangs', { stream: { kind: 'stall', after_tok: 5 } }],
    ])(
      'a cancelled answer ends within 250 ms when the server %s, and keeps what had arrived',
      async (_title, faults) => {
        const clock = manualClock();
        const { backend, model } = await openLab(faults, clock);
        const stop = new AbortController();
        let arrived = 0;
        const answer = backend.complete(requestTo(model), {
          signal: stop.signal,
          onToken: () => {
            arrived++;
            if (arrived === 5) stop.abort();
          },
        });
        await until(() => arrived >= 5);
        const aborted_s = clock.now_s();
        await clock.advance(0.25);
        const completion = await answer;
        expect(completion).toMatchObject({ stopReason: 'cancelled', error: { code: 'INTERRUPTED' } });
        expect(completion.tokens.length).toBeGreaterThanOrEqual(5);
        expect(completion.ended_s - aborted_s).toBeLessThanOrEqual(0.25);
      },
    );
  });

  test('names each setting that it cannot apply, and only those', () => {
    const backend = open('http://127.0.0.1:9');
    const inference = requestTo(NOBODY, {
      temperature: 0.5,
      topP: 0.5,
      topK: 5,
      minP: 0.1,
      repeatPenalty: 1.1,
      seed: 7,
    }).inference;
    expect(backend.unsupported(requestTo(NOBODY).inference, NO_LOAD)).toEqual([]);
    const refused = backend.unsupported(inference, NO_LOAD);
    // Before it was asked what it is, an OpenAI-compatible server is promised no more than OpenAI's own settings.
    expect(refused).toEqual(id === 'openai' ? ['topK', 'minP', 'repeatPenalty'] : contract.unsupported);
  });

  test('asked how busy the server is, it counts requests or says that it cannot know', async () => {
    const { backend } = await openLab();
    expect(await backend.busy()).toBe(tells.busy ? 0 : null);
  });
});
