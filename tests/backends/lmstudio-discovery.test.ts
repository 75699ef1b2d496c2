import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { candidates, discover, greets, recordedPorts } from '../../src/backends/lmstudio-discovery.ts';
import { systemClock } from '../../src/core/clock.ts';
import { startFastLab, until } from '../support/lmstudio-lab.ts';
import { manualClock } from '../support/manual-clock.ts';
import { startHttpServer, urlOfNobody } from '../support/scripted-server.ts';

let home = '';
const opened: Array<{ close(): Promise<void> }> = [];

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'lmpower-home-'));
});

afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
  await rm(home, { recursive: true });
});

async function write(path: string, content: string): Promise<void> {
  const file = join(home, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, content);
}

const options = { token: null, clock: systemClock, timeout_s: 5 };

describe('candidates', () => {
  test('for the SDK: the recorded API port, the five known ones, the recorded REST port, 1234', () => {
    expect(candidates({ api: 45678, rest: 4321 }, 'socket').map((url) => new URL(url).port)).toEqual([
      '45678',
      '41343',
      '52993',
      '16141',
      '39414',
      '22931',
      '4321',
      '1234',
    ]);
  });

  test('for REST: the REST ports first', () => {
    expect(candidates({ api: null, rest: 4321 }, 'rest').map((url) => new URL(url).port)).toEqual([
      '4321',
      '1234',
      '41343',
      '52993',
      '16141',
      '39414',
      '22931',
    ]);
  });

  test('a port that is named twice is tried once', () => {
    expect(new Set(candidates({ api: 41343, rest: 1234 }, 'socket')).size).toBe(6);
    expect(candidates({ api: 41343, rest: 1234 }, 'socket')).toHaveLength(6);
  });
});

describe('the ports that LM Studio wrote down', () => {
  test('are read below ~/.lmstudio', async () => {
    await write('.lmstudio/.internal/http-server.json', '{"host":"127.0.0.1","pid":7,"port":45678}');
    await write(
      '.lmstudio/.internal/http-server-config.json',
      '{"port":4321,"networkInterface":"127.0.0.1"}',
    );
    expect(await recordedPorts(home)).toEqual({ api: 45678, rest: 4321 });
  });

  test('are read below ~/.cache/lm-studio before ~/.lmstudio', async () => {
    await write('.lmstudio/.internal/http-server.json', '{"port":1}');
    await write('.cache/lm-studio/.internal/http-server.json', '{"port":2}');
    expect(await recordedPorts(home)).toEqual({ api: 2, rest: null });
  });

  test('are read where the pointer leads, and nowhere else', async () => {
    await write('.lmstudio/.internal/http-server.json', '{"port":1}');
    await write('elsewhere/.internal/http-server.json', '{"port":3}');
    await write('.lmstudio-home-pointer', `${join(home, 'elsewhere')}\n`);
    expect(await recordedPorts(home)).toEqual({ api: 3, rest: null });
  });

  test.each([
    ['no JSON', 'port=1'],
    ['another shape', '[1]'],
    ['no port', '{}'],
    ['a port that is a text', '{"port":"1234"}'],
    ['a port that is none', '{"port":70000}'],
    ['port 0', '{"port":0}'],
  ])('are unknown where the file holds %s', async (_title, content) => {
    await write('.lmstudio/.internal/http-server.json', content);
    expect(await recordedPorts(home)).toEqual({ api: null, rest: null });
  });

  test('are unknown where there are no files', async () => {
    expect(await recordedPorts(home)).toEqual({ api: null, rest: null });
  });
});

describe('discover', () => {
  test('finds the server whose port is written down', async () => {
    const lab = await startFastLab();
    opened.push(lab);
    await write('.lmstudio/.internal/http-server.json', JSON.stringify({ port: lab.port }));
    expect(await discover({ ...options, url: null, home }, 'socket')).toBe(lab.url);
  });

  test('passes over a written port where something else answers', async () => {
    const stranger = await startHttpServer((_request, response) => response.end('{"lmstudio":false}'));
    const lab = await startFastLab();
    opened.push(stranger, lab);
    const port = Number(new URL(stranger.url).port);
    await write('.lmstudio/.internal/http-server.json', JSON.stringify({ port }));
    await write('.lmstudio/.internal/http-server-config.json', JSON.stringify({ port: lab.port }));
    expect(await discover({ ...options, url: null, home }, 'socket')).toBe(lab.url);
  });

  test.each(['', '/', '/v1', '/v1/', '/api/v1'])('takes a named address ending in "%s"', async (ending) => {
    const lab = await startFastLab();
    opened.push(lab);
    expect(await discover({ ...options, url: `${lab.url}${ending}` }, 'socket')).toBe(lab.url);
    expect(await discover({ ...options, url: `${lab.wsUrl}${ending}` }, 'socket')).toBe(lab.url);
    expect(await discover({ ...options, url: `127.0.0.1:${lab.port}${ending}` }, 'rest')).toBe(lab.url);
  });

  test('never looks elsewhere when an address is named', async () => {
    const lab = await startFastLab();
    opened.push(lab);
    await write('.lmstudio/.internal/http-server.json', JSON.stringify({ port: lab.port }));
    const url = await urlOfNobody();
    await expect(discover({ ...options, url, home }, 'socket')).rejects.toMatchObject({
      code: 'BACKEND_UNREACHABLE',
      message: expect.stringContaining(url),
    });
  });

  test.each(['http://', 'ftp://127.0.0.1', 'http://[', 'a b', 'http://me:secret@127.0.0.1'])(
    'refuses "%s" as an address, without showing it',
    async (url) => {
      await expect(discover({ ...options, url }, 'socket')).rejects.toMatchObject({
        code: 'USAGE',
        message: expect.not.stringContaining('secret'),
      });
    },
  );
});

describe('a greeting', () => {
  test('is never sent with the token', async () => {
    const seen: unknown[] = [];
    const server = await startHttpServer(({ headers }, response) => {
      seen.push(headers.authorization);
      response.end('{"lmstudio":true}');
    });
    opened.push(server);
    const token = 'sk-lm-abcdEFGH:abcdefghij0123456789';
    expect(await greets(server.url, { ...options, token, url: null })).toBe(true);
    expect(seen).toEqual([undefined]);
  });

  test('is given up after half a second', async () => {
    const clock = manualClock();
    let asked = false;
    const server = await startHttpServer(() => {
      asked = true;
    });
    opened.push(server);
    const greeted = greets(server.url, { ...options, clock, url: null });
    await until(() => asked);
    await clock.advance(0.5);
    expect(await greeted).toBe(false);
  });
});
