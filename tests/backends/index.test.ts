import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import type { BackendProbe } from '../../src/backends/backend.ts';
import { BACKENDS, detectBackend } from '../../src/backends/index.ts';
import { systemClock } from '../../src/core/clock.ts';
import { startLlamaServerStandIn } from '../../src/simulator/llama-server/server.ts';
import { startOllamaStandIn } from '../../src/simulator/ollama/server.ts';
import type { StandIn, StandInOptions } from '../../src/simulator/serving/stand-in.ts';
import { openAiOf, startServing } from '../support/contract-servers.ts';
import { startFastLab } from '../support/lmstudio-lab.ts';
import { startHttpServer, urlOfNobody } from '../support/scripted-server.ts';

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

  test.each<[string, (options: StandInOptions) => Promise<StandIn>, string]>([
    ['llama-server', startLlamaServerStandIn, 'llama-server'],
    [
      'llama-server without its model',
      (o) => startLlamaServerStandIn({ ...o, loadedAtStart: [] }),
      'llama-server',
    ],
    ['llama-server that wants a key', (o) => startLlamaServerStandIn({ ...o, token: 'key' }), 'llama-server'],
    ['Ollama', startOllamaStandIn, 'ollama'],
    ['vLLM', openAiOf('vllm'), 'openai'],
    ['mlx_lm.server', openAiOf('mlx'), 'openai'],
    ['TabbyAPI that wants a key', (o) => openAiOf('tabby')({ ...o, token: 'key' }), 'openai'],
    ['some OpenAI-compatible server', openAiOf('other'), 'openai'],
  ])('knows %s by its signature, whatever the port', async (_title, start, id) => {
    const lab = await startServing(start);
    opened.push(lab);
    const backend = await detectBackend('auto', { ...options, url: `${lab.url}/v1` });
    opened.push(backend);
    expect(backend.id).toBe(id);
  });

  test('two servers that share a port name are never taken for each other', async () => {
    const mlx = await startServing(openAiOf('mlx'));
    const llama = await startServing(startLlamaServerStandIn);
    opened.push(mlx, llama);
    const probe = async (id: string, url: string): Promise<BackendProbe> => {
      const backend = await detectBackend(id, { ...options, url });
      opened.push(backend);
      return backend.probe();
    };
    expect((await probe('llama-server', mlx.url)).detail).toContain('not llama-server');
    expect((await probe('ollama', llama.url)).detail).toContain('not Ollama');
    expect((await probe('openai', mlx.url)).detail).toContain('mlx_lm.server');
    expect((await probe('openai', llama.url)).detail).not.toContain('mlx_lm.server');
  });

  test('a token for another kind of server does not stop the search at LM Studio', async () => {
    const lab = await startServing(openAiOf('tabby'), { token: 'tabby-key' });
    opened.push(lab);
    const backend = await detectBackend('auto', { ...options, url: lab.url, token: 'tabby-key' });
    opened.push(backend);
    expect(backend.id).toBe('openai');
    expect((await backend.probe()).state).toBe('ready');
  });

  test('no token is sent before the server has shown what it is', async () => {
    const seen: string[] = [];
    const server = await startHttpServer(({ headers }, response) => {
      seen.push(headers.authorization ?? '');
      response.writeHead(200, { 'content-type': 'text/html' }).end('<html>hello</html>');
    });
    opened.push(server);
    const found = detectBackend('auto', { ...options, url: server.url, token: 'secret-key' });
    await expect(found).rejects.toMatchObject({ code: 'BACKEND_UNREACHABLE' });
    expect(new Set(seen)).toEqual(new Set(['']));
  });

  test('says what it tried, and what to do, when nobody answers', async () => {
    const url = await urlOfNobody();
    await expect(detectBackend('auto', { ...options, url })).rejects.toMatchObject({
      code: 'BACKEND_UNREACHABLE',
      message: expect.stringContaining(url),
      remedy: expect.stringContaining('start the server'),
    });
  });

  test('does not tell the user of any server that LM Studio alone is missing', async () => {
    const website = await startHttpServer((_request, response) => response.end('<html>hello</html>'));
    opened.push(website);
    for (const url of [await urlOfNobody(), website.url]) {
      const refusal: unknown = await detectBackend('auto', { ...options, url }).catch((thrown) => thrown);
      expect(refusal).toMatchObject({ code: 'BACKEND_UNREACHABLE', message: expect.stringContaining(url) });
      expect(refusal).not.toMatchObject({ message: expect.stringContaining('LM Studio') });
      expect(refusal).not.toMatchObject({ remedy: expect.stringContaining('LM Studio') });
    }
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
