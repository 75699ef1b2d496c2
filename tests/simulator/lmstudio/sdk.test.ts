import type { LLM, LMStudioClient } from '@lmstudio/sdk';
import { describe, expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../../src/core/clock.ts';
import { DEFAULT_CATALOG } from '../../../src/simulator/lmstudio/catalog.ts';
import { connectSdk, openLab, QUICK_MODELS } from '../../support/sdk-client.ts';

const KEY = 'simulated-4b@q4_k_m';
const TOKEN = 'sk-lm-abcdefgh:0123456789ABCDEFGHIJ';
const load = (client: LMStudioClient, key = KEY): Promise<LLM> =>
  client.llm.load(key, { identifier: 'private', verbose: false });

/** Lets go of an answer that only the end of the test will end. */
const abandon = (prediction: PromiseLike<unknown>): void => {
  const quiet = (): void => undefined;
  prediction.then(quiet, quiet);
};

describe('the unmodified SDK, asking what there is,', () => {
  test('gets version and process', async () => {
    const { standIn } = await openLab();
    const { client } = connectSdk(standIn);
    expect(await client.system.getLMStudioVersion()).toMatchObject({
      version: expect.stringMatching(/^0\.4\./),
    });
    expect(await client.system.getInfo()).toMatchObject({ pid: process.pid, isDaemon: true });
  });

  test('lists models of every sort, with remote ones told apart', async () => {
    const { standIn } = await openLab();
    const models = await connectSdk(standIn).client.system.listDownloadedModels();
    expect(models.map(({ modelKey, type, deviceIdentifier }) => [modelKey, type, deviceIdentifier])).toEqual([
      ['simulated-4b@q4_k_m', 'llm', null],
      ['simulated-4b@q8_0', 'llm', null],
      ['simulated-4b@f16', 'llm', null],
      ['simulated-embedding', 'embedding', null],
      ['simulated-70b-remote', 'llm', 'lab-remote-1'],
    ]);
  });

  test('lists the variants of a model', async () => {
    const { standIn } = await openLab();
    const variants = await connectSdk(standIn).client.system.listDownloadedModelVariants('simulated-4b');
    expect(variants.map(({ quantization }) => quantization?.bits)).toEqual([4, 8, 16]);
  });

  test('sees what was loaded at the start, each sort on its own socket', async () => {
    const { standIn } = await openLab({ loadedAtStart: [KEY, 'simulated-embedding'] });
    const { client } = connectSdk(standIn);
    expect((await client.llm.listLoaded()).map(({ identifier }) => identifier)).toEqual([KEY]);
    expect((await client.embedding.listLoaded()).map(({ identifier }) => identifier)).toEqual([
      'simulated-embedding',
    ]);
  });

  test('estimates memory', async () => {
    const { standIn } = await openLab();
    const estimate = await connectSdk(standIn).client.llm.estimateResourcesUsage(KEY, {
      contextLength: 4096,
    });
    expect(estimate).toMatchObject({ passesGuardrails: true, memory: { modelBytes: 2_497_280_256 } });
  });
});

describe('the unmodified SDK, loading,', () => {
  test('gets progress, the identifier it asked for, and the settings in force', async () => {
    const { standIn, steps } = await openLab();
    const { client } = connectSdk(standIn);
    const progress: number[] = [];
    const model = await client.llm.load(KEY, {
      identifier: 'private',
      verbose: false,
      config: { contextLength: 8192, maxParallelPredictions: 1, flashAttention: true, gpu: { ratio: 'max' } },
      onProgress: (ratio) => progress.push(ratio),
    });
    expect(model.identifier).toBe('private');
    expect(progress).toHaveLength(10);
    expect(progress.at(-1)).toBe(1);
    expect(await model.getLoadConfig()).toMatchObject({
      contextLength: 8192,
      maxParallelPredictions: 1,
      flashAttention: true,
      gpu: { ratio: 'max' },
    });
    expect(await model.getContextLength()).toBe(8192);
    expect(steps.all()).toEqual([
      { at_s: 0, cpu_W: 7, gpu_W: 1, ane_W: 0 },
      { at_s: expect.closeTo(0.8, 9), cpu_W: 0, gpu_W: 0, ane_W: 0 },
    ]);
  });

  test('reads back what the server insisted on, and a context that the model has', async () => {
    const { standIn } = await openLab({
      faults: { loadSettings: { 'llm.load.llama.flashAttention': false } },
    });
    const { client } = connectSdk(standIn);
    const model = await client.llm.load(KEY, {
      verbose: false,
      config: { flashAttention: true, contextLength: 1_000_000 },
    });
    expect(await model.getLoadConfig()).toMatchObject({ flashAttention: false, contextLength: 32_768 });
  });

  test('numbers a second instance, and may not take an identifier twice', async () => {
    const { standIn } = await openLab({ loadedAtStart: [KEY] });
    const { client } = connectSdk(standIn);
    expect((await client.llm.load(KEY, { verbose: false })).identifier).toBe(`${KEY}:2`);
    await expect(client.llm.load(KEY, { identifier: KEY, verbose: false })).rejects.toThrow(/already in use/);
  });

  test('takes a loaded model as it is, and loads one that is not', async () => {
    const { standIn } = await openLab({ loadedAtStart: [KEY] });
    const { client } = connectSdk(standIn);
    await client.llm.model(KEY, { verbose: false, config: { contextLength: 512 } });
    expect(await (await client.llm.model()).getContextLength()).toBe(4096);
    await client.llm.model('simulated-4b@q8_0', { verbose: false });
    expect(standIn.loaded()).toEqual([KEY, 'simulated-4b@q8_0']);
  });

  test('one model that was loaded just in time makes room for the next', async () => {
    const { standIn } = await openLab();
    const { client } = connectSdk(standIn);
    await client.llm.model(KEY, { verbose: false });
    await client.llm.model('simulated-4b@q8_0', { verbose: false });
    expect(standIn.loaded()).toEqual(['simulated-4b@q8_0']);
  });

  test('aborting a load leaves no model and no power', async () => {
    const { standIn, steps } = await openLab({ clock: systemClock, models: QUICK_MODELS });
    const abort = new AbortController();
    const loading = connectSdk(standIn).client.llm.load(KEY, {
      verbose: false,
      signal: abort.signal,
      onProgress: () => abort.abort(new Error('enough')),
    });
    const idle = new Promise<void>((resolve) => {
      steps.subscribe((step) => step.cpu_W === 0 && resolve());
    });
    await expect(loading).rejects.toThrow('enough');
    await idle;
    expect(standIn.loaded()).toEqual([]);
  });

  test('a model that is not used for its time to live goes by itself', async () => {
    const { standIn } = await openLab();
    const { client } = connectSdk(standIn);
    const model = await client.llm.load(KEY, { verbose: false, ttl: 60 });
    // In virtual time a minute passes while this call is under way.
    await client.llm.listLoaded();
    await expect(model.countTokens('one')).rejects.toMatchObject({ title: 'Model is unloaded.' });
    expect(standIn.loaded()).toEqual([]);
  });
});

describe('the unmodified SDK, asking a model,', () => {
  test('streams one token a fragment, and gets true counts, rate and time to the first token', async () => {
    const { standIn } = await openLab({ answerTokens: () => 96 });
    const model = await load(connectSdk(standIn).client);
    const counts: number[] = [];
    const result = await model.respond('Name three colors.', {
      onPredictionFragment: ({ tokensCount }) => counts.push(tokensCount),
    });
    expect(counts).toEqual(Array(96).fill(1));
    expect(await model.countTokens(result.content)).toBe(96);
    const prompt_tok = 12;
    expect(result.stats).toEqual({
      stopReason: 'eosFound',
      tokensPerSecond: expect.closeTo(48, 6),
      timeToFirstTokenSec: expect.closeTo(prompt_tok / 420, 9),
      totalTimeSec: expect.closeTo(prompt_tok / 420 + 96 / 48, 9),
      promptTokensCount: prompt_tok,
      predictedTokensCount: 96,
      totalTokensCount: prompt_tok + 96,
    });
    expect(result.modelInfo.identifier).toBe('private');
  });

  test('is told when the limit ended the answer', async () => {
    const { standIn } = await openLab();
    const model = await load(connectSdk(standIn).client);
    const { stats } = await model.respond('Name three colors.', { maxTokens: 10 });
    expect(stats).toMatchObject({ stopReason: 'maxPredictedTokensReached', predictedTokensCount: 10 });
  });

  test('sees the prompt being processed, and on a repeat how much of it came from the cache', async () => {
    const { standIn } = await openLab();
    const model = await load(connectSdk(standIn).client);
    const ask = async (): Promise<[number, number][]> => {
      const seen: [number, number][] = [];
      await model.respond('Name three colors.', {
        maxTokens: 4,
        onPromptProcessingProgress: (progress, details) => seen.push([progress, details.cachedTokenCount]),
      });
      return seen;
    };
    expect(await ask()).toEqual([
      [0, 0],
      [1, 0],
    ]);
    expect(await ask()).toEqual([
      [11 / 12, 11],
      [1, 11],
    ]);
  });

  test('completes raw text without a template', async () => {
    const { standIn } = await openLab();
    const model = await load(connectSdk(standIn).client);
    const { stats } = await model.complete('Name three colors.', { maxTokens: 3 });
    expect(stats).toMatchObject({ promptTokensCount: 4, predictedTokensCount: 3 });
  });

  test('tells thinking from saying, and can switch it off', async () => {
    const models = DEFAULT_CATALOG.map((model) => ({ ...model, reasoning_tok: 6, answer_tok: 10 }));
    const { standIn } = await openLab({ models });
    const model = await load(connectSdk(standIn).client);
    const sorts: string[] = [];
    await model.respond('Why?', { onPredictionFragment: ({ reasoningType }) => sorts.push(reasoningType) });
    expect(sorts).toEqual([...Array(6).fill('reasoning'), ...Array(10).fill('none')]);
    const { stats } = await model.respond('Why?', { enableThinking: false });
    expect(stats.predictedTokensCount).toBe(10);
  });

  test('can cancel: the answer so far comes as a result', async () => {
    const { standIn, steps } = await openLab({
      clock: systemClock,
      models: QUICK_MODELS,
      answerTokens: () => 2000,
    });
    const model = await load(connectSdk(standIn).client);
    const prediction = model.respond('Name three colors.', {
      onPredictionFragment: () => void prediction.cancel(),
    });
    const { stats } = await prediction;
    expect(stats.stopReason).toBe('userStopped');
    expect(stats.predictedTokensCount).toBeLessThan(2000);
    expect(steps.all().at(-1)).toMatchObject({ cpu_W: 0, gpu_W: 0 });
  });

  test('sees whether the model is busy, and how many wait', async () => {
    const { standIn } = await openLab({ faults: { stream: { kind: 'stall', after_tok: 1 } } });
    const { client } = connectSdk(standIn);
    const model = await client.llm.load(KEY, { verbose: false, config: { maxParallelPredictions: 1 } });
    expect(await model.getInstanceProcessingState()).toEqual({ status: 'idle', queued: 0 });
    await new Promise<void>((resolve) => abandon(model.respond('Why?', { onFirstToken: () => resolve() })));
    abandon(model.respond('And then?'));
    expect(await model.getInstanceProcessingState()).toEqual({ status: 'generating', queued: 1 });
  });

  test('counts tokens, tokenizes, applies the template', async () => {
    const { standIn } = await openLab({ loadedAtStart: [KEY] });
    const model = await connectSdk(standIn).client.llm.model();
    expect(await model.tokenize('What is 2+2?')).toHaveLength(7);
    expect(await model.countTokens('What is 2+2?')).toBe(7);
    expect(await model.applyPromptTemplate('Hello')).toContain('<|im_start|>user\nHello');
  });

  test('embeds text into a unit vector, at the price of its tokens', async () => {
    const { standIn, steps } = await openLab({ loadedAtStart: ['simulated-embedding'] });
    const model = await connectSdk(standIn).client.embedding.model();
    const { embedding } = await model.embed('light and water');
    expect(Math.hypot(...embedding)).toBeCloseTo(1, 9);
    expect(steps.all()).toEqual([
      { at_s: 0, cpu_W: 1.5, gpu_W: 8, ane_W: 0 },
      { at_s: expect.closeTo(3 / 4000, 9), cpu_W: 0, gpu_W: 0, ane_W: 0 },
    ]);
  });

  test('hears the log of what others ask', async () => {
    const { standIn } = await openLab({ loadedAtStart: [KEY], clock: systemClock, models: QUICK_MODELS });
    const { client } = connectSdk(standIn);
    const heard: string[] = [];
    const both = new Promise<void>((resolve) => {
      const stop = client.diagnostics.unstable_streamLogs(({ data }) => {
        heard.push(data.type);
        if (heard.length === 2) resolve();
      });
      onTestFinished(stop);
    });
    await client.system.getLMStudioVersion();
    await (await client.llm.model()).respond('Why?', { maxTokens: 2 });
    await both;
    expect(heard).toEqual(['llm.prediction.input', 'llm.prediction.output']);
  });
});

describe('the unmodified SDK, where it is refused,', () => {
  test('learns that a model is not there, and which are', async () => {
    const { standIn } = await openLab();
    await expect(load(connectSdk(standIn).client, 'no-such-model')).rejects.toMatchObject({
      title: 'Cannot find a model with path "no-such-model"',
    });
  });

  test('learns that an embedding model answers nothing', async () => {
    const { standIn } = await openLab();
    await expect(load(connectSdk(standIn).client, 'simulated-embedding')).rejects.toThrow(/embedding/);
  });

  test('learns that a model was unloaded, by itself or by the server', async () => {
    const { standIn } = await openLab();
    const { client } = connectSdk(standIn);
    const model = await load(client);
    standIn.evict('private');
    await expect(model.respond('Why?')).rejects.toMatchObject({ title: 'Model is unloaded.' });
    const second = await load(client);
    await second.unload();
    await expect(second.countTokens('Why?')).rejects.toMatchObject({ title: 'Model is unloaded.' });
    await expect(client.llm.unload('private')).rejects.toThrow(/identifier "private"/);
  });

  test('learns that a model on another machine cannot be loaded here', async () => {
    const { standIn } = await openLab();
    const { client } = connectSdk(standIn);
    const loading = client.llm.load('simulated-70b-remote', { verbose: false, deviceIdentifier: null });
    await expect(loading).rejects.toThrow(/simulated-70b-remote/);
  });

  test('gets in with the token, and not without', async () => {
    const { standIn } = await openLab({ token: TOKEN });
    expect(await connectSdk(standIn, { apiToken: TOKEN }).client.llm.listLoaded()).toEqual([]);
    await expect(connectSdk(standIn).client.llm.listLoaded()).rejects.toThrow(/Failed to authenticate/);
  });
});
