import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import type { Backend } from '../../src/backends/backend.ts';
import { createLlamaServer } from '../../src/backends/llama-server.ts';
import { createLmStudio } from '../../src/backends/lmstudio.ts';
import { createOllama } from '../../src/backends/ollama.ts';
import { type DigestOrder, digestReader } from '../../src/cli/model-digests.ts';
import { systemClock } from '../../src/core/clock.ts';
import { startLlamaServerStandIn } from '../../src/simulator/llama-server/server.ts';
import { startOllamaStandIn } from '../../src/simulator/ollama/server.ts';
import { startServing } from '../support/contract-servers.ts';
import { FAST_MODELS, startFastLab } from '../support/lmstudio-lab.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const opened: Array<{ close(): Promise<void> }> = [];
const [FIRST] = FAST_MODELS;
const WEIGHTS = 'weights of the first model';
const SHA = createHash('sha256').update(WEIGHTS).digest('hex');

afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});

/** What the reader says of the first model that the backend lists. */
async function digestOf(
  backend: Backend,
  order: Pick<DigestOrder, 'serverUrl'> & Partial<DigestOrder>,
): Promise<unknown> {
  opened.push(backend);
  const [model] = await backend.models();
  if (model === undefined) throw new Error('the stand-in has no models');
  return (await digestReader({ quiet: true, recallOnly: false, ...order }))(model);
}

function userOf(home: string): NonNullable<DigestOrder['surroundings']> {
  return { platform: 'linux', home, env: {} };
}

function options(url: string): Parameters<typeof createLmStudio>[0] {
  return { url, token: null, clock: systemClock, timeout_s: 30 };
}

test('LM Studio: of the file below its folder of models', async () => {
  const home = temporaryFolder();
  const file = join(home, '.lmstudio', 'models', FIRST?.path ?? '');
  await mkdir(join(file, '..'), { recursive: true });
  await writeFile(file, WEIGHTS);
  const lab = await startFastLab();
  opened.push(lab);
  const backend = createLmStudio(options(lab.url));
  const order = { serverUrl: lab.url, surroundings: userOf(home) };
  expect(await digestOf(backend, { ...order, recallOnly: true })).toBeNull();
  expect(await digestOf(backend, order)).toBe(SHA);
  expect(await digestOf(backend, { ...order, recallOnly: true })).toBe(SHA);
});

test('llama-server: of the file that it names, unless it runs on another machine', async () => {
  const home = temporaryFolder();
  const path = join(home, 'm.gguf');
  await writeFile(path, WEIGHTS);
  const lab = await startServing(startLlamaServerStandIn, {
    models: FAST_MODELS.map((one) => ({ ...one, path })),
  });
  opened.push(lab);
  const backend = createLlamaServer(options(lab.url));
  const surroundings = userOf(home);
  expect(await digestOf(backend, { serverUrl: lab.url, surroundings })).toBe(SHA);
  expect(await digestOf(backend, { serverUrl: 'http://192.0.2.1:8080', surroundings })).toBeNull();
});

test("Ollama: the server's own, without reading anything", async () => {
  const lab = await startServing(startOllamaStandIn);
  opened.push(lab);
  const order = { serverUrl: lab.url, surroundings: userOf(temporaryFolder()), recallOnly: true };
  expect(await digestOf(createOllama(options(lab.url)), order)).toMatch(/^[0-9a-f]{64}$/);
});
