import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { BACKENDS, detectBackend } from '../../src/backends/index.ts';
import { systemClock } from '../../src/core/clock.ts';
import { startFastLab } from '../support/lmstudio-lab.ts';
import { urlOfNobody } from '../support/scripted-server.ts';

const options = { token: null, clock: systemClock, timeout_s: 5 };
const opened: Array<{ close(): Promise<void> }> = [];

afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});

test('each backend bears the id and the title of its entry', async () => {
  for (const { id, title, create } of BACKENDS) {
    expect(create({ ...options, url: null })).toMatchObject({ id, title });
  }
  expect(new Set(BACKENDS.map(({ id }) => id)).size).toBe(BACKENDS.length);
});

test('a backend that was never used closes at once', async () => {
  for (const { create } of BACKENDS) await create({ ...options, url: null }).close();
});

describe('detectBackend', () => {
  test('takes LM Studio over the SDK when an LM Studio says hello', async () => {
    const lab = await startFastLab();
    opened.push(lab);
    const backend = await detectBackend('auto', { ...options, url: lab.url });
    opened.push(backend);
    expect(backend.id).toBe('lmstudio');
  });

  test('gives a backend that wants a token, so that the person is told', async () => {
    const lab = await startFastLab({ token: 'sk-lm-abcdEFGH:abcdefghij0123456789' });
    opened.push(lab);
    const backend = await detectBackend('auto', { ...options, url: lab.url });
    opened.push(backend);
    expect((await backend.probe()).state).toBe('unauthorized');
  });

  test('takes REST where the SDK cannot understand the server', async () => {
    const lab = await startFastLab({ faults: { reply: { kind: 'unknown-endpoint', endpoint: 'version' } } });
    opened.push(lab);
    const backend = await detectBackend('auto', { ...options, url: lab.url });
    opened.push(backend);
    expect(backend.id).toBe('lmstudio-rest');
  });

  test('says what it tried, and what to do, when nobody answers', async () => {
    const url = await urlOfNobody();
    await expect(detectBackend('auto', { ...options, url })).rejects.toMatchObject({
      code: 'BACKEND_UNREACHABLE',
      message: expect.stringContaining(url),
      remedy: expect.stringContaining('start the server'),
    });
  });

  test('gives the one that is named without asking it anything', async () => {
    const home = await mkdtemp(join(tmpdir(), 'lmpower-home-'));
    const backend = await detectBackend('lmstudio-rest', { ...options, url: await urlOfNobody(), home });
    expect(backend.id).toBe('lmstudio-rest');
    await rm(home, { recursive: true });
  });

  test('refuses a name that it does not know, listing those that it does', async () => {
    await expect(detectBackend('vllm', { ...options, url: null })).rejects.toMatchObject({
      code: 'BACKEND_UNKNOWN',
      message: expect.stringContaining('lmstudio-rest'),
    });
  });
});
