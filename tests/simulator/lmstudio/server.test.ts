import { describe, expect, test } from 'vitest';
import WebSocket from 'ws';
import { startLmStudioStandIn } from '../../../src/simulator/lmstudio/server.ts';
import { PowerSteps } from '../../../src/simulator/power-step.ts';
import { openLab } from '../../support/sdk-client.ts';

const KEY = 'simulated-4b@q4_k_m';

const next = (socket: WebSocket, event: string): Promise<unknown> =>
  new Promise((resolve) => socket.once(event, (value: unknown) => resolve(value)));
const nextFrame = async (socket: WebSocket): Promise<unknown> =>
  JSON.parse(String(await next(socket, 'message')));

async function open(wsUrl: string, namespace: string): Promise<WebSocket> {
  const socket = new WebSocket(`${wsUrl}/${namespace}`);
  await next(socket, 'open');
  socket.send(JSON.stringify({ authVersion: 1, clientIdentifier: 'guest:a', clientPasskey: 'b' }));
  expect(await nextFrame(socket)).toEqual({ success: true });
  return socket;
}

describe('startLmStudioStandIn', () => {
  test('close ends everything in the middle of work: no handle is left', async () => {
    const before = process.getActiveResourcesInfo().length;
    const steps = new PowerSteps();
    const standIn = await startLmStudioStandIn({ steps, loadedAtStart: [KEY] });
    const socket = await open(standIn.wsUrl, 'llm');
    const settings = { modelSpecifier: { type: 'query', query: {} }, history: { messages: [] } };
    socket.send(
      JSON.stringify({
        type: 'channelCreate',
        endpoint: 'predict',
        channelId: 0,
        creationParameter: settings,
      }),
    );
    await nextFrame(socket);
    const closed = next(socket, 'close');
    await standIn.close();
    await closed;
    expect(steps.all().at(-1)).toMatchObject({ cpu_W: 0, gpu_W: 0, ane_W: 0 });
    await new Promise<void>((resolve) => setImmediate(resolve));
    expect(process.getActiveResourcesInfo().length).toBeLessThanOrEqual(before);
  });

  test('a port that is taken rejects', async () => {
    const { standIn } = await openLab();
    await expect(startLmStudioStandIn({ steps: new PowerSteps(), port: standIn.port })).rejects.toThrow(
      /EADDRINUSE/,
    );
  });

  test.each(['llm', 'embedding', 'system', 'diagnostics', 'files', 'repository', 'plugins', 'runtime'])(
    'accepts the namespace %s',
    async (namespace) => {
      const { standIn } = await openLab();
      const socket = await open(standIn.wsUrl, namespace);
      socket.send('{"type":"keepAlive"}');
      expect(await nextFrame(socket)).toEqual({ type: 'keepAliveAck' });
      socket.terminate();
    },
  );

  test('refuses a namespace that LM Studio has not', async () => {
    const { standIn } = await openLab();
    const socket = new WebSocket(`${standIn.wsUrl}/nonsense`);
    expect(String(await next(socket, 'error'))).toContain('404');
  });

  test('leaves the result out of a call that returns nothing', async () => {
    const { standIn } = await openLab({ loadedAtStart: [KEY] });
    const socket = await open(standIn.wsUrl, 'llm');
    socket.send(
      JSON.stringify({ type: 'rpcCall', endpoint: 'unloadModel', callId: 7, parameter: { identifier: KEY } }),
    );
    expect(await nextFrame(socket)).toEqual({ type: 'rpcResult', callId: 7 });
    socket.terminate();
  });

  test.each(['no json', '[]', '{"type":"rpcCall"}', '{"type":"rpcCall","endpoint":"nothing","callId":1}'])(
    'warns about %j and goes on',
    async (text) => {
      const { standIn } = await openLab();
      const socket = await open(standIn.wsUrl, 'system');
      socket.send(text);
      expect(await nextFrame(socket)).toMatchObject({ type: 'communicationWarning' });
      socket.send('{"type":"rpcCall","endpoint":"version","callId":2}');
      expect(await nextFrame(socket)).toMatchObject({ type: 'rpcResult', callId: 2 });
      socket.terminate();
    },
  );

  test('keeps what it was asked, never the credentials', async () => {
    const { standIn } = await openLab({ loadedAtStart: [KEY] });
    const socket = await open(standIn.wsUrl, 'llm');
    socket.send('{"type":"rpcCall","endpoint":"listLoaded","callId":0}');
    await nextFrame(socket);
    socket.terminate();
    await fetch(`${standIn.url}/api/v1/models`, { headers: { authorization: 'Bearer secret' } });
    expect(standIn.requests.map(({ transport, endpoint }) => [transport, endpoint])).toEqual([
      ['rpc', 'listLoaded'],
      ['http', '/api/v1/models'],
    ]);
    expect(JSON.stringify(standIn.requests)).not.toMatch(/secret|passkey/i);
  });
});
