import { afterEach, expect, test } from 'vitest';
import type { LmStudioState, Lms } from '../../src/cli/lms.ts';
import { type ReadyOptions, readyBackend } from '../../src/cli/ready-backend.ts';
import { systemClock } from '../../src/core/clock.ts';
import { captureOutput } from '../support/captured-output.ts';
import { startFastLab } from '../support/lmstudio-lab.ts';
import { urlOfNobody } from '../support/scripted-server.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const OFF: LmStudioState = { isOpen: true, server: { isRunning: false, port: null } };
const opened: Array<{ close(): Promise<void> }> = [];

afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});

/** LM Studio whose server is off until it is started, on a port where nobody listens yet. */
async function closedLmStudio(
  state = OFF,
  lab: Parameters<typeof startFastLab>[0] = {},
): Promise<{ lms: Lms; calls: string[]; options: ReadyOptions }> {
  const port = Number(new URL(await urlOfNobody()).port);
  const calls: string[] = [];
  let server: Awaited<ReturnType<typeof startFastLab>> | null = null;
  const lms: Lms = {
    state: async () => state,
    startServer: async () => {
      calls.push('start');
      server = await startFastLab({ ...lab, port });
      opened.push(server);
    },
    stopServer: async () => {
      calls.push('stop');
      await server?.close();
    },
  };
  const where = { url: null, ports: [port], home: temporaryFolder() };
  return { lms, calls, options: { ...where, token: null, clock: systemClock, timeout_s: 5, lms } };
}

test('unless it is asked to, it starts nothing, and says what is the matter', async () => {
  const { calls, options } = await closedLmStudio();
  await expect(readyBackend('lmstudio', options, true)).rejects.toMatchObject({
    code: 'BACKEND_UNREACHABLE',
    message: expect.stringContaining('its server is off'),
    remedy: expect.stringContaining('--start-server'),
  });
  expect(calls).toEqual([]);
});

test('a server that the configuration has elsewhere is not started here', async () => {
  const { calls, options } = await closedLmStudio();
  const servers = { lmstudio: { host: '0.0.0.0' } };
  const asked = { ...options, servers, startServer: true };
  await expect(readyBackend('lmstudio', asked, true)).rejects.toMatchObject({ code: 'BACKEND_UNREACHABLE' });
  expect(calls).toEqual([]);
});

test.each(['lmstudio', 'lmstudio-rest', 'auto'])(
  '%s: what it started it records, and stops at the end',
  async (id) => {
    const { calls, options } = await closedLmStudio();
    const output = captureOutput();
    const { backend } = await readyBackend(id, { ...options, startServer: true }, true);
    expect(calls).toEqual(['start']);
    expect(output.stderr()).toContain('started for this run');
    const [model] = await backend.loaded();
    const setting = { name: 'startServer', requested: true, effective: true, source: 'server' };
    expect(model?.settings).toContainEqual(setting);
    await backend.close();
    expect(calls).toEqual(['start', 'stop']);
  },
);

test('what it started it stops too when no model is there', async () => {
  const { calls, options } = await closedLmStudio(OFF, { loadedAtStart: [] });
  await expect(readyBackend('lmstudio', { ...options, startServer: true }, true)).rejects.toMatchObject({
    code: 'MODEL_NOT_LOADED',
  });
  expect(calls).toEqual(['start', 'stop']);
});

test('a server that runs but does not answer is not started again', async () => {
  const { calls, options } = await closedLmStudio({ isOpen: true, server: { isRunning: true, port: 1 } });
  await expect(readyBackend('lmstudio', { ...options, startServer: true }, true)).rejects.toMatchObject({
    message: expect.stringContaining('does not answer'),
  });
  expect(calls).toEqual([]);
});

test('an address that was given is not for us to start', async () => {
  const { calls, options } = await closedLmStudio();
  const url = await urlOfNobody();
  const refused = readyBackend('lmstudio', { ...options, url, startServer: true }, true);
  await expect(refused).rejects.toMatchObject({ code: 'BACKEND_UNREACHABLE' });
  expect(calls).toEqual([]);
});
