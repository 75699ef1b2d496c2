import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Backend } from '../../src/backends/backend.ts';
import { createLmStudio } from '../../src/backends/lmstudio.ts';
import { systemClock } from '../../src/core/clock.ts';
import { EXPERIMENT_CATALOG } from '../../src/simulator/lmstudio/experiment-catalog.ts';
import type { LmStudioStandIn } from '../../src/simulator/lmstudio/server.ts';
import { NO_LOAD, requestTo, startFastLab } from '../support/lmstudio-lab.ts';

const DRAFT = 'simulated-0.3b-draft@q8_0';
const KEY = 'simulated-4b@q4_k_m';
let lab: LmStudioStandIn;
let backend: Backend;

beforeAll(async () => {
  const models = EXPERIMENT_CATALOG.map((model) => ({
    ...model,
    load_s: 0.01,
    prefillTokPerS: 20_000,
    decodeTokPerS: model.decodeTokPerS * 20,
  }));
  lab = await startFastLab({ models, loadedAtStart: [KEY], answerTokens: () => 60 });
  backend = createLmStudio({ url: lab.url, token: null, clock: systemClock, timeout_s: 10 });
});
afterAll(async () => {
  await backend.close();
  await lab.close();
});

const idle = new AbortController().signal;

describe('the factors of experiments over the SDK', () => {
  test('a draft model proposes tokens, some are taken, and the server says how many', async () => {
    const [model] = await backend.loaded();
    if (model === undefined) throw new Error('nothing is loaded');
    const plain = await backend.complete(requestTo(model), { signal: idle });
    const drafted = await backend.complete(requestTo(model, { draftModel: DRAFT }), { signal: idle });
    expect([plain.draft_tok, plain.accepted_tok]).toEqual([null, null]);
    expect(drafted.draft_tok).toBeGreaterThan(0);
    expect(drafted.accepted_tok).toBeGreaterThan(0);
    expect(drafted.accepted_tok).toBeLessThan(drafted.draft_tok ?? 0);
    // Speculation changes the time, never the answer. Source: Leviathan et al. 2023.
    expect(drafted.text).toBe(plain.text);
    expect(drafted.output_tok).toBe(plain.output_tok);
  });

  test('a draft model that is not there fails the request', async () => {
    const [model] = await backend.loaded();
    if (model === undefined) throw new Error('nothing is loaded');
    const { error } = await backend.complete(requestTo(model, { draftModel: 'nobody' }), { signal: idle });
    expect(error).not.toBeNull();
  });

  test('a quantized value cache without flash attention does not load; with it, it is read back', async () => {
    const caches = { kCacheType: 'q8_0', vCacheType: 'q8_0' } as const;
    const without = { ...NO_LOAD, ...caches, flashAttention: false };
    await expect(backend.load(KEY, without, idle)).rejects.toMatchObject({ code: 'MODEL_LOAD_FAILED' });
    const model = await backend.load(KEY, { ...NO_LOAD, ...caches, flashAttention: true }, idle);
    const effective = (name: string) => model.settings.find((one) => one.name === name)?.effective;
    expect([effective('kCacheType'), effective('vCacheType')]).toEqual(['q8_0', 'q8_0']);
    await backend.unload(model);
  });
});
