import { afterEach, describe, expect, test } from 'vitest';
import { BACKENDS } from '../../src/backends/index.ts';
import { createOpenAi } from '../../src/backends/openai.ts';
import { inferenceSettings, unsupportedOf } from '../../src/backends/settings.ts';
import { systemClock } from '../../src/core/clock.ts';
import type { InferenceSettings, LoadSettings } from '../../src/core/run.ts';
import { CONTRACT_SERVERS, type ContractLab, openAiOf, startServing } from '../support/contract-servers.ts';
import { NO_INFERENCE, NO_LOAD, requestTo } from '../support/lmstudio-lab.ts';

const never = new AbortController().signal;
const opened: Array<{ close(): Promise<void> }> = [];

afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});

/** Each setting with a value that stands in no request by chance, and how it shows there. */
const INFERENCE: readonly (readonly [Partial<InferenceSettings>, RegExp])[] = [
  [{ temperature: 0.3125 }, /0\.3125/],
  [{ topP: 0.6875 }, /0\.6875/],
  [{ topK: 471 }, /471\b/],
  [{ minP: 0.0625 }, /0\.0625/],
  [{ repeatPenalty: 1.1875 }, /1\.1875/],
  [{ seed: 918273 }, /918273/],
  [{ maxOutput_tok: 29 }, /:29\b/],
  [{ stop: ['@@halt@@'] }, /"@@halt@@"/],
  [{ ignoreEos: true }, /ignore_eos|ban_eos_token/],
  [{ cachePrompt: true }, /^/],
  [{ cachePrompt: false }, /"cache_prompt":false/],
  [{ draftModel: 'simulated-4b@f16' }, /simulated-4b@f16/],
];

const LOAD: readonly (readonly [Partial<LoadSettings>, RegExp])[] = [
  [{ context_tok: 2077 }, /2077/],
  [{ gpuOffload: 'off' }, /"off"|"num_gpu":0/],
  [{ gpuOffload: 0.4375 }, /0\.4375/],
  [{ gpuLayers: 17 }, /:17\b/],
  [{ flashAttention: false }, /lash_?[aA]ttention","value":false|"flash_attention":false/],
  [{ parallel: 3 }, /numParallelSessions","value":3/],
  [{ batch_tok: 777 }, /777/],
  [{ physicalBatch_tok: 333 }, /333/],
  [{ threads: 13 }, /hread\w*","value":13|"num_thread":13/],
  [{ ropeBase: 98765 }, /98765/],
  [{ ropeScale: 0.8125 }, /0\.8125/],
  [{ mmap: false }, /tryMmap","value":false|"use_mmap":false/],
  [{ mlock: false }, /keepModelInMemory","value":false/],
  [{ kCacheType: 'q8_0' }, /kCacheQuantizationType","value":\{"checked":true,"value":"q8_0"/],
  [{ vCacheType: 'q4_0' }, /vCacheQuantizationType","value":\{"checked":true,"value":"q4_0"/],
  [{ unifiedKvCache: false }, /seUnifiedKvCache","value":false/],
];

function sentTo(lab: Pick<ContractLab, 'requests'>, from: number): string {
  return JSON.stringify(lab.requests.slice(from).map(({ parameter }) => parameter));
}

describe.each(BACKENDS)('$id', ({ id, create }) => {
  async function openLab() {
    const contract = CONTRACT_SERVERS[id];
    if (contract === undefined) throw new Error(`no stand-in for ${id}`);
    const lab = await contract.start();
    const backend = create({ url: lab.url, token: null, clock: systemClock, timeout_s: 30 });
    opened.push(lab, backend);
    const [model] = await backend.loaded();
    if (model === undefined) throw new Error('the lab has no model in memory');
    return { backend, key: contract.key, lab, model };
  }

  test('an inference setting reaches the server, or is refused: none is dropped', async () => {
    const { backend, lab, model } = await openLab();
    for (const [setting, shown] of INFERENCE) {
      const request = requestTo(model, setting);
      if (backend.unsupported(request.inference, NO_LOAD).length > 0) continue;
      const before = lab.requests.length;
      expect((await backend.complete(request, { signal: never })).error).toBeNull();
      expect(sentTo(lab, before)).toMatch(shown);
    }
  });

  test('a load setting reaches the server, or is refused: none is dropped', async () => {
    const { backend, key, lab } = await openLab();
    for (const [setting, shown] of LOAD) {
      const settings = { ...NO_LOAD, ...setting };
      const [[name, value] = []] = Object.entries(setting);
      if (backend.unsupported(NO_INFERENCE, settings).length > 0) continue;
      const before = lab.requests.length;
      const mine = await backend.load(key, settings, never);
      expect(mine.settings.find((one) => one.name === name)).toMatchObject({ requested: value });
      expect((await backend.complete(requestTo(mine), { signal: never })).error).toBeNull();
      expect(sentTo(lab, before)).toMatch(shown);
      await backend.unload(mine);
    }
  });

  test('what it refuses is what its server cannot do', () => {
    const backend = create({ url: 'http://127.0.0.1:9', token: null, clock: systemClock, timeout_s: 30 });
    const refused = [
      ...INFERENCE.flatMap(([setting]) => backend.unsupported({ ...NO_INFERENCE, ...setting }, NO_LOAD)),
      ...LOAD.flatMap(([setting]) => backend.unsupported(NO_INFERENCE, { ...NO_LOAD, ...setting })),
    ];
    expect([...new Set(refused)].sort()).toEqual(REFUSED[id]);
  });
});

const ALL_LOAD = [...new Set(LOAD.flatMap(([setting]) => Object.keys(setting)))];

/** Source: each server's documentation; `cachePrompt` where reuse cannot be switched off. */
const REFUSED: Readonly<Record<string, readonly string[]>> = {
  lmstudio: ['cachePrompt', 'gpuLayers', 'ignoreEos'],
  'lmstudio-rest': [
    ...['cachePrompt', 'draftModel', 'ignoreEos', 'seed', 'stop'],
    ...ALL_LOAD.filter((name) => !['context_tok', 'flashAttention', 'batch_tok'].includes(name)),
  ].sort(),
  'llama-server': ['draftModel', ...ALL_LOAD].sort(),
  ollama: [
    ...['cachePrompt', 'draftModel', 'ignoreEos', 'gpuOffload other than off', 'flashAttention', 'parallel'],
    ...['physicalBatch_tok', 'ropeBase', 'ropeScale', 'mlock', 'kCacheType', 'vCacheType', 'unifiedKvCache'],
  ].sort(),
  // Before it was asked what it is, no more than OpenAI's own settings are promised.
  openai: ['cachePrompt', 'draftModel', 'ignoreEos', 'minP', 'repeatPenalty', 'topK', ...ALL_LOAD].sort(),
};

describe('a kind of OpenAI-compatible server', () => {
  test.each([
    ['vllm', ['cachePrompt', 'draftModel']],
    ['mlx', ['ignoreEos', 'cachePrompt']],
    ['tabby', ['cachePrompt', 'draftModel']],
    ['other', ['topK', 'minP', 'repeatPenalty', 'ignoreEos', 'cachePrompt', 'draftModel']],
  ] as const)('%s takes what its own documents name', async (kind, cannot) => {
    const lab = await startServing(openAiOf(kind));
    const backend = createOpenAi({ url: lab.url, token: null, clock: systemClock, timeout_s: 30 });
    opened.push(lab, backend);
    const [key = ''] = (await backend.models()).map((model) => model.key);
    const model = await backend.load(key, NO_LOAD, never);
    const refused = new Set<string>();
    for (const [setting, shown] of INFERENCE) {
      const request = requestTo(model, setting);
      const names = backend.unsupported(request.inference, NO_LOAD);
      for (const name of names) refused.add(name);
      if (names.length > 0) continue;
      const before = lab.requests.length;
      expect((await backend.complete(request, { signal: never })).error).toBeNull();
      expect(sentTo(lab, before)).toMatch(shown);
    }
    expect([...refused]).toEqual(cannot);
  });
});

test('LM Studio: a number that its own client would throw at is refused', () => {
  const lmStudio = BACKENDS.find(({ id }) => id === 'lmstudio');
  const backend = lmStudio?.create({
    url: 'http://127.0.0.1:9',
    token: null,
    clock: systemClock,
    timeout_s: 30,
  });
  const refused = backend?.unsupported({ ...NO_INFERENCE, topK: 501 }, { ...NO_LOAD, parallel: 1024 });
  expect(refused).toEqual(['topK above 500', 'parallel above 1023']);
});

test('null and not given ask for nothing', () => {
  expect(unsupportedOf({ ...NO_INFERENCE, stop: null, draftModel: null }, [])).toEqual([]);
  expect(unsupportedOf({ ...NO_INFERENCE, topK: 0, ignoreEos: false }, ['topK'])).toEqual(['ignoreEos']);
});

test('what was asked for is not claimed to be in force; what was not is, where the server says so', () => {
  const asked = { ...NO_INFERENCE, temperature: 0, stop: ['a'] };
  const settings = inferenceSettings(asked, { defaults: { temperature: 0.8, topK: 40 } });
  expect(settings).toEqual([
    { name: 'temperature', requested: 0, effective: null, source: 'unknown' },
    { name: 'stop', requested: '["a"]', effective: null, source: 'unknown' },
    { name: 'topK', requested: null, effective: 40, source: 'server' },
  ]);
});
