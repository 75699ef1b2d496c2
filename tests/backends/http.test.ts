import { afterEach, describe, expect, test } from 'vitest';
import { connectHttp, type HttpConnection } from '../../src/backends/http.ts';
import { systemClock } from '../../src/core/clock.ts';
import { until } from '../support/lmstudio-lab.ts';
import { manualClock } from '../support/manual-clock.ts';
import {
  type ScriptedRequest,
  startHttpServer,
  startTcpServer,
  urlOfNobody,
} from '../support/scripted-server.ts';

const TOKEN = 'sk-lm-abcdEFGH:abcdefghij0123456789';
const opened: Array<{ close(): Promise<void> }> = [];

afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});

async function connect(
  base: string,
  clock = systemClock,
  token: string | null = null,
): Promise<HttpConnection> {
  const http = await connectHttp({ base, token, clock });
  opened.push(http);
  return http;
}

async function answering(status: number, type: string, body: string): Promise<HttpConnection> {
  const server = await startHttpServer((_request, response) => {
    response.writeHead(status, { 'content-type': type }).end(body);
  });
  opened.push(server);
  return connect(server.url, systemClock, TOKEN);
}

const complaint = (message: string, type: string): string => JSON.stringify({ error: { message, type } });

const GET = { method: 'GET', path: '/x', timeout_s: 5 } as const;

describe('json', () => {
  test('sends method, path below the base, body and token; gives the object back', async () => {
    const heard: ScriptedRequest[] = [];
    const server = await startHttpServer((request, response) => {
      heard.push(request);
      response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' }).end('{"a":[1]}');
    });
    opened.push(server);
    const http = await connect(`${server.url}/proxy`, systemClock, TOKEN);
    const answer = await http.json({ method: 'POST', path: '/x', body: { b: 2 }, timeout_s: 5 });
    expect(answer).toEqual({ a: [1] });
    expect(heard).toMatchObject([
      { method: 'POST', path: '/proxy/x', body: '{"b":2}', headers: { authorization: `Bearer ${TOKEN}` } },
    ]);
  });

  test.each([
    {
      answer: 'a 400',
      status: 400,
      body: complaint('no seed', 'invalid_request'),
      code: 'BACKEND_REFUSED',
      words: 'no seed',
    },
    { answer: 'a 500 without words', status: 500, body: '', code: 'BACKEND_REFUSED', words: '500' },
    { answer: 'a 503 page', status: 503, body: '<h1>busy</h1>', code: 'BACKEND_REFUSED', words: 'busy' },
    { answer: 'a 401', status: 401, body: '{"error":"who"}', code: 'BACKEND_UNAUTHORIZED', words: 'who' },
    { answer: 'a 403', status: 403, body: '', code: 'BACKEND_UNAUTHORIZED', words: '403' },
    { answer: 'a redirection', status: 302, body: '', code: 'BACKEND_PROTOCOL', words: '302' },
    {
      answer: 'a 200 with an error',
      status: 200,
      body: '{"error":"bad luck"}',
      code: 'BACKEND_REFUSED',
      words: 'bad luck',
    },
    {
      answer: 'status 200 to a path that it does not know',
      status: 200,
      body: '{"error":"Unexpected endpoint or method. (GET /x)"}',
      code: 'BACKEND_PROTOCOL',
      words: 'Unexpected endpoint',
    },
    {
      answer: 'an unknown model',
      status: 404,
      body: complaint('nope', 'model_not_found'),
      code: 'MODEL_NOT_FOUND',
      words: 'nope',
    },
    {
      answer: 'that the model is gone',
      status: 400,
      body: complaint('No models loaded. Please load a model', 'x'),
      code: 'MODEL_UNLOADED',
      words: 'No models loaded',
    },
    { answer: 'half of a document', status: 200, body: '{"a":', code: 'BACKEND_PROTOCOL', words: 'not JSON' },
    { answer: 'a list', status: 200, body: '[1]', code: 'BACKEND_PROTOCOL', words: 'not a JSON object' },
    { answer: 'nothing', status: 200, body: '', code: 'BACKEND_PROTOCOL', words: 'not JSON' },
    {
      answer: 'the token itself',
      status: 400,
      body: complaint(`bad token ${TOKEN}`, 'x'),
      code: 'BACKEND_REFUSED',
      words: 'bad token [token]',
    },
  ])('a server that answers $answer is $code', async ({ status, body, code, words }) => {
    const http = await answering(status, 'application/json', body);
    const failure = http.json(GET);
    await expect(failure).rejects.toMatchObject({ code, message: expect.stringContaining(words) });
    await expect(failure).rejects.not.toMatchObject({ message: expect.stringContaining('abcdefghij') });
  });

  test('a web page instead of JSON is told as such', async () => {
    const http = await answering(200, 'text/html', '<html><body>Router login</body></html>');
    await expect(http.json(GET)).rejects.toMatchObject({
      code: 'BACKEND_PROTOCOL',
      message: expect.stringContaining('an HTML page'),
    });
  });

  test('an answer without end is cut off at a limit', async () => {
    const server = await startHttpServer((_request, response) => {
      const block = 'x'.repeat(1024 * 1024);
      const more = (): void => {
        while (response.writable && response.write(block));
        response.once('drain', more);
      };
      more();
    });
    opened.push(server);
    const http = await connect(server.url);
    await expect(http.json(GET)).rejects.toMatchObject({ code: 'BACKEND_PROTOCOL' });
  });
});

describe('exchange', () => {
  test('nobody listening is BACKEND_UNREACHABLE', async () => {
    const http = await connect(await urlOfNobody());
    await expect(http.json(GET)).rejects.toMatchObject({ code: 'BACKEND_UNREACHABLE' });
  });

  test('a name that does not exist is BACKEND_UNREACHABLE', async () => {
    const http = await connect('http://no-such-host.invalid');
    await expect(http.json(GET)).rejects.toMatchObject({ code: 'BACKEND_UNREACHABLE' });
  });

  test.each([
    ['before the answer', ''],
    ['in the head', 'HTTP/1.1 200 OK\r\ncontent-'],
    ['in the body', 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"a"'],
    ['in a chunk', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{"a":'],
  ])('a line that is cut %s is BACKEND_DISCONNECTED', async (_title, said) => {
    const server = await startTcpServer((socket) => {
      socket.once('data', () => socket.end(said));
    });
    opened.push(server);
    const http = await connect(server.url);
    await expect(http.json(GET)).rejects.toMatchObject({ code: 'BACKEND_DISCONNECTED' });
  });

  test('what is not HTTP is BACKEND_PROTOCOL', async () => {
    const server = await startTcpServer((socket) => {
      socket.once('data', () => socket.end('220 mail.example ready\r\n'));
    });
    opened.push(server);
    const http = await connect(server.url);
    await expect(http.json(GET)).rejects.toMatchObject({ code: 'BACKEND_PROTOCOL' });
  });

  test('silence is BACKEND_TIMEOUT after the time that was given, not before', async () => {
    const clock = manualClock();
    let asked = false;
    const server = await startHttpServer(() => {
      asked = true;
    });
    opened.push(server);
    const http = await connect(server.url, clock);
    let failure: unknown = null;
    const answer = http.json(GET).catch((error: unknown) => {
      failure = error;
    });
    await until(() => asked);
    await clock.advance(GET.timeout_s - 0.001);
    expect(failure).toBeNull();
    await clock.advance(0.001);
    await answer;
    expect(failure).toMatchObject({ code: 'BACKEND_TIMEOUT' });
  });

  test('an abort is INTERRUPTED and closes the connection', async () => {
    const stop = new AbortController();
    let closed = false;
    const server = await startTcpServer((socket) => {
      socket.once('data', () => stop.abort());
      socket.once('close', () => {
        closed = true;
      });
    });
    opened.push(server);
    const http = await connect(server.url);
    await expect(http.json({ ...GET, signal: stop.signal })).rejects.toMatchObject({ code: 'INTERRUPTED' });
    await until(() => closed);
  });

  test('an abort before the request is INTERRUPTED and connects to nobody', async () => {
    let connections = 0;
    const server = await startTcpServer(() => connections++);
    opened.push(server);
    const http = await connect(server.url);
    const failure = http.json({ ...GET, signal: AbortSignal.abort() });
    await expect(failure).rejects.toMatchObject({ code: 'INTERRUPTED' });
    expect(connections).toBe(0);
  });

  test('stamps each chunk as it leaves the socket, and stops when it is told enough', async () => {
    const clock = manualClock(100);
    let closed = false;
    const server = await startTcpServer((socket) => {
      socket.once('close', () => {
        closed = true;
      });
      socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\ncontent-type: Text/X; a=b\r\n\r\none'));
    });
    opened.push(server);
    const http = await connect(server.url, clock);
    const stamps: number[] = [];
    const head = await http.exchange(
      { ...GET, accept: 'text/x' },
      {
        onSent: (at_s) => stamps.push(at_s),
        onBytes: (_chunk, at_s) => {
          stamps.push(at_s);
          return true;
        },
      },
    );
    expect(head).toEqual({ status: 200, contentType: 'text/x' });
    expect(stamps).toEqual([100, 100]);
    await until(() => closed);
  });
});
