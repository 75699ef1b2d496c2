import type { LLM } from '@lmstudio/sdk';
import { describe, expect, test } from 'vitest';
import type { LmStudioFaults } from '../../../src/simulator/lmstudio/faults.ts';
import type { OpenLab, SdkClient } from '../../support/sdk-client.ts';
import { connectSdk, openLab, staysOpen } from '../../support/sdk-client.ts';

const KEY = 'simulated-4b@q4_k_m';

interface Scene extends OpenLab, SdkClient {
  readonly model: LLM;
}

/** A healthy server with a model in hand; the faults come after. */
async function scene(): Promise<Scene> {
  const lab = await openLab({ loadedAtStart: [KEY], answerTokens: () => 20 });
  const sdk = connectSdk(lab.standIn);
  return { ...lab, ...sdk, model: await sdk.client.llm.model() };
}

function set({ standIn }: OpenLab, faults: Partial<LmStudioFaults>): void {
  Object.assign(standIn.faults, faults);
}

const abandon = (prediction: PromiseLike<unknown>): void => {
  const quiet = (): void => undefined;
  prediction.then(quiet, quiet);
};

describe('a stream fault', () => {
  test('drop cuts the socket in the middle: the SDK rejects, the machine goes idle', async () => {
    const it = await scene();
    set(it, { stream: { kind: 'drop', after_tok: 3 } });
    let heard = 0;
    const answer = it.model.respond('Why?', { onPredictionFragment: () => heard++ });
    await expect(answer).rejects.toThrow('WebSocket connection closed');
    expect(heard).toBeLessThanOrEqual(3);
    expect(it.steps.all().at(-1)).toMatchObject({ cpu_W: 0, gpu_W: 0 });
  });

  test('evict ends the answer with modelUnloaded, once where it is limited to once', async () => {
    const it = await scene();
    set(it, { stream: { kind: 'evict', after_tok: 3, times: 1 } });
    const { stats } = await it.model.respond('Why?');
    expect(stats).toMatchObject({ stopReason: 'modelUnloaded', predictedTokensCount: 3 });
    expect(it.standIn.loaded()).toEqual([]);
    const again = await it.client.llm.model(KEY, { verbose: false });
    expect((await again.respond('Why?')).stats.stopReason).toBe('eosFound');
  });

  test.each([
    ['evict-error', 'This model has already been unloaded'],
    ['error', 'The model has crashed'],
  ] as const)('%s rejects, in words that the SDK or the server chose', async (kind, words) => {
    const it = await scene();
    set(it, { stream: { kind, after_tok: 3 } });
    await expect(it.model.respond('Why?')).rejects.toMatchObject({
      lmstudioRawError: expect.stringContaining(words),
    });
    expect(it.steps.all().at(-1)).toMatchObject({ cpu_W: 0, gpu_W: 0 });
  });

  test('evict before the first token', async () => {
    const it = await scene();
    set(it, { stream: { kind: 'evict', after_tok: 0 } });
    expect((await it.model.respond('Why?')).stats).toMatchObject({
      stopReason: 'modelUnloaded',
      predictedTokensCount: 0,
    });
  });

  test('stall leaves the answer open for ever', async () => {
    const it = await scene();
    set(it, { stream: { kind: 'stall', after_tok: 2 } });
    const answer = it.model.respond('Why?');
    abandon(answer);
    await new Promise<void>((resolve) => {
      let heard = 0;
      abandon(it.model.respond('And?', { onPredictionFragment: () => ++heard === 2 && resolve() }));
    });
    expect(await staysOpen(answer.result())).toBe(true);
  });

  test('truncate closes the channel without a result: the SDK waits for ever', async () => {
    const it = await scene();
    set(it, { stream: { kind: 'truncate', after_tok: 2 } });
    const answer = it.model.respond('Why?');
    abandon(answer);
    await it.client.system.getLMStudioVersion();
    expect(await staysOpen(answer.result())).toBe(true);
  });

  test('bad-fragment loses one fragment to a warning; the rest arrives', async () => {
    const it = await scene();
    set(it, { stream: { kind: 'bad-fragment', after_tok: 2 } });
    let heard = 0;
    const { stats } = await it.model.respond('Why?', { onPredictionFragment: () => heard++ });
    expect([heard, stats.predictedTokensCount]).toEqual([19, 20]);
    expect(it.warnings).not.toEqual([]);
  });

  test('garbage is warned about; the rest arrives', async () => {
    const it = await scene();
    set(it, { stream: { kind: 'garbage', after_tok: 2 } });
    const { stats } = await it.model.respond('Why?');
    expect(stats.predictedTokensCount).toBe(20);
    expect(it.warnings).toHaveLength(1);
  });
});

describe('a fault of the last message', () => {
  test.each(['null-rate', 'unknown-stop'] as const)(
    '%s makes the SDK warn and wait for ever',
    async (ending) => {
      const it = await scene();
      set(it, { ending });
      const warned = it.warned();
      const answer = it.model.respond('Why?');
      abandon(answer);
      await warned;
      expect(await staysOpen(answer.result())).toBe(true);
    },
  );

  test('no-success makes the SDK wait for ever without a warning', async () => {
    const it = await scene();
    set(it, { ending: 'no-success' });
    let heard = 0;
    let answer: ReturnType<LLM['respond']> | undefined;
    await new Promise<void>((resolve) => {
      answer = it.model.respond('Why?', { onPredictionFragment: () => ++heard === 20 && resolve() });
      abandon(answer);
    });
    expect(await it.model.countTokens('one')).toBe(1);
    expect(answer !== undefined && (await staysOpen(answer.result()))).toBe(true);
    expect(it.warnings).toEqual([]);
  });

  test('no-close still gives the result', async () => {
    const it = await scene();
    set(it, { ending: 'no-close' });
    expect((await it.model.respond('Why?')).stats.stopReason).toBe('eosFound');
  });
});

describe('a reply fault', () => {
  test('never: the call stays open; others are answered', async () => {
    const it = await scene();
    set(it, { reply: { kind: 'never', endpoint: 'listLoaded' } });
    const asked = it.client.llm.listLoaded();
    abandon(asked);
    expect(await it.model.countTokens('one')).toBe(1);
    expect(await staysOpen(asked)).toBe(true);
  });

  test('never, for a prediction: no fragment, no end', async () => {
    const it = await scene();
    set(it, { reply: { kind: 'never', endpoint: 'predict' } });
    const answer = it.model.respond('Why?');
    abandon(answer);
    expect(await it.model.countTokens('one')).toBe(1);
    expect(await staysOpen(answer.result())).toBe(true);
  });

  test('unknown-endpoint: a warning, and no answer', async () => {
    const it = await scene();
    set(it, { reply: { kind: 'unknown-endpoint', endpoint: 'version' } });
    const warned = it.warned();
    const asked = it.client.system.getLMStudioVersion();
    abandon(asked);
    expect(await warned).toContain('unknown endpoint');
    expect(await staysOpen(asked)).toBe(true);
  });

  test('slow: the answer comes', async () => {
    const it = await scene();
    set(it, { reply: { kind: 'slow', delay_s: 30 } });
    expect(await it.model.countTokens('one two')).toBe(2);
  });
});

describe('other faults', () => {
  test('a refused first frame rejects with the text of the server', async () => {
    const { standIn } = await openLab({ faults: { refuseAuth: true } });
    await expect(connectSdk(standIn).client.llm.listLoaded()).rejects.toThrow('Failed to authenticate');
  });

  test('the model is gone by the time it is asked, once', async () => {
    const it = await scene();
    set(it, { evictBeforePredict: true });
    await expect(it.model.respond('Why?')).rejects.toMatchObject({ title: 'Model is unloaded.' });
    expect(it.standIn.loaded()).toEqual([]);
    expect(it.standIn.faults.evictBeforePredict).toBe(false);
  });

  test.each([{ unknownModelType: true }, { oldModelShape: true }])(
    '%j: the SDK cannot read the list and waits for ever',
    async (faults) => {
      const it = await scene();
      set(it, faults);
      const warned = it.warned();
      const asked = it.client.system.listDownloadedModels();
      abandon(asked);
      await warned;
      expect(await staysOpen(asked)).toBe(true);
    },
  );

  test('progress as older servers send it is lost; the answer is not', async () => {
    const it = await scene();
    set(it, { oldPromptProgress: true });
    let heard = 0;
    const { stats } = await it.model.respond('Why?', { onPromptProcessingProgress: () => heard++ });
    expect([heard, stats.predictedTokensCount]).toEqual([0, 20]);
  });

  test('a load that fails says why and leaves nothing', async () => {
    const it = await scene();
    set(it, { loadFails: 'Insufficient system resources' });
    const loading = it.client.llm.load('simulated-4b@f16', { verbose: false });
    await expect(loading).rejects.toMatchObject({
      lmstudioRawError: expect.stringContaining('Failed to load model'),
    });
    expect(it.standIn.loaded()).toEqual([KEY]);
    expect(it.steps.all().at(-1)).toMatchObject({ cpu_W: 0 });
  });
});
