import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runGuard } from '../../../samplers/privileged/guard.ts';
import { compilePrivileged } from '../../support/compiled-guard.ts';
import { gone, isAlive } from '../../support/process-death.ts';
import { type MeterBehaviour, standInMeter } from '../../support/stand-in-meter.ts';

function startGuard(behaviour: MeterBehaviour, argument?: string) {
  const { file, leading } = standInMeter(behaviour, argument);
  const input = new PassThrough();
  const output = new PassThrough();
  const status = new PassThrough({ encoding: 'utf8' });
  const guard = runGuard({ executable: file, leading, input, output, status, grace_ms: 100 });
  let bytes = '';
  output.on('data', (chunk: Buffer) => {
    bytes += chunk.toString('utf8');
  });
  return { guard, input, output, bytes: () => bytes, status: linesOf(status) };
}

/** Gives the next status line that starts so, in order. */
function linesOf(stream: NodeJS.ReadableStream) {
  const lines: string[] = [];
  let wake = (): void => undefined;
  let rest = '';
  stream.on('data', (text: string | Buffer) => {
    const parts = (rest + String(text)).split('\n');
    rest = parts.pop() ?? '';
    lines.push(...parts);
    wake();
  });
  return async (start: string): Promise<string> => {
    for (;;) {
      const line = lines.shift();
      if (line?.startsWith(start)) return line;
      if (line === undefined) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    }
  };
}

const pidIn = (line: string): number => Number(/^started (\d+)$/.exec(line)?.[1]);

describe('runGuard', () => {
  test('starts the meter with the fixed arguments, a bare environment and / as its folder', async () => {
    const { input, output, guard } = startGuard('tells');
    input.write('start 250\n');
    const [told] = await once(output);
    const { argv, env, cwd }: { argv: string[]; env: Record<string, string>; cwd: string } = JSON.parse(told);
    expect(argv.slice(2)).toEqual([
      ...['-f', 'plist'],
      ...['--samplers', 'cpu_power,gpu_power,thermal'],
      ...['-b', '0', '-i', '250'],
    ]);
    // macOS adds one of its own to every process.
    delete env['__CF_USER_TEXT_ENCODING'];
    expect(env).toEqual({ PATH: '/usr/bin:/bin:/usr/sbin:/sbin', LANG: 'C', NSUnbufferedIO: 'YES' });
    expect(cwd).toBe('/');
    input.end();
    await guard.closed;
  });

  test('passes all bytes and then says how many there were', async () => {
    const { input, bytes, status, guard } = startGuard('ends', '3');
    input.write('start 100\n');
    expect(await status('stderr')).toBe('stderr the meter had enough');
    const exited = await status('exited');
    expect(bytes().match(/<\/plist>/g)).toHaveLength(3);
    expect(exited).toBe(`exited 3 - ${Buffer.byteLength(bytes())}`);
    input.end();
    await guard.closed;
  });

  test('start while a meter runs ends it before the next begins', async () => {
    const { input, status, guard } = startGuard('frames');
    input.write('start 100\n');
    const first = pidIn(await status('started'));
    input.write('start 200\n');
    expect(await status('exited')).toMatch(/^exited - SIGTERM \d+$/);
    expect(isAlive(first)).toBe(false);
    const second = pidIn(await status('started'));
    expect(second).not.toBe(first);
    input.write('stop\n');
    await status('exited');
    expect(isAlive(second)).toBe(false);
    input.end();
    await guard.closed;
  });

  test('stop cancels a restart that is under way', async () => {
    const { input, status, guard } = startGuard('frames');
    input.write('start 100\n');
    await status('started');
    input.write('start 200\nstop\n');
    await status('exited');
    input.write('nonsense\n');
    // The next line is the refusal, not another start.
    expect(await status('')).toMatch(/^refused/);
    input.end();
    await guard.closed;
  });

  test.each([
    'start',
    'start ',
    'start 0',
    'start -5',
    'start 1.5',
    'start 1e3',
    'start 100 -o /etc/passwd',
    'start 100;id',
    'start 0x64',
    'start 19',
    'start 60001',
    'start 9999999999',
    ' start 100',
    'START 100',
    'stop now',
    'quit',
    '',
    '\u0000start 100',
  ])('refuses %j and starts nothing', async (line) => {
    const { input, status, guard } = startGuard('frames');
    input.write(`${line}\n`);
    expect(await status('')).toMatch(/^refused /);
    input.end();
    await guard.closed;
  });

  test('a line without end is refused once, and does not grow in memory', async () => {
    const { input, status, guard } = startGuard('frames');
    for (let part = 0; part < 100; part++) input.write('start 100'.repeat(100));
    input.write('\nstart 100\n');
    expect(await status('')).toMatch(/^refused /);
    expect(await status('')).toMatch(/^started /);
    input.end();
    await guard.closed;
  });

  test('a command may come in pieces', async () => {
    const { input, status, guard } = startGuard('frames');
    for (const letter of 'start 100\n') input.write(letter);
    expect(await status('')).toMatch(/^started /);
    input.end();
    await guard.closed;
  });

  test('the end of its input ends the meter', async () => {
    const { input, status, guard } = startGuard('frames');
    input.write('start 100\n');
    const pid = pidIn(await status('started'));
    input.end();
    await guard.closed;
    expect(isAlive(pid)).toBe(false);
  });

  test('a meter that ignores SIGTERM gets SIGKILL', async () => {
    const { input, output, status, guard } = startGuard('stubborn');
    input.write('start 100\n');
    const pid = pidIn(await status('started'));
    await once(output);
    input.end();
    expect(await status('exited')).toMatch(/^exited - SIGKILL /);
    await guard.closed;
    expect(isAlive(pid)).toBe(false);
  });

  test('a reader that takes nothing more does not hold up the end', async () => {
    const { file, leading } = standInMeter('fills');
    const input = new PassThrough();
    const status = new PassThrough({ encoding: 'utf8' });
    // Never says that it is ready for more.
    const output = new Writable({ write: () => undefined });
    const guard = runGuard({ executable: file, leading, input, output, status });
    const line = linesOf(status);
    input.write('start 100\n');
    const pid = pidIn(await line('started'));
    expect(await line('stderr')).toBe('stderr full EAGAIN');
    input.end();
    await guard.closed;
    expect(isAlive(pid)).toBe(false);
  });

  test('a reader that went away ends the meter', async () => {
    const { input, output, status, guard } = startGuard('frames');
    input.write('start 100\n');
    const pid = pidIn(await status('started'));
    output.destroy(new Error('EPIPE'));
    await guard.closed;
    expect(isAlive(pid)).toBe(false);
  });

  test('a meter that cannot be started is reported like one that ended', async () => {
    const input = new PassThrough();
    const status = new PassThrough({ encoding: 'utf8' });
    const guard = runGuard({ executable: '/nonexistent/meter', input, output: new PassThrough(), status });
    const line = linesOf(status);
    input.write('start 100\n');
    expect(await line('')).toMatch(/^stderr .*ENOENT/);
    expect(await line('')).toBe('exited - - 0');
    input.end();
    await guard.closed;
  });
});

describe('the guard as a process', () => {
  let folder = '';
  beforeAll(() => {
    folder = compilePrivileged();
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const guardFile = (): string => join(folder, 'samplers/privileged/guard.js');

  test.each<MeterBehaviour>(['frames', 'floods', 'stubborn'])(
    'kill -9 of its parent leaves neither guard nor meter, which %s',
    async (behaviour) => {
      const parentScript = new URL('../../fixtures/executables/guard-parent.mjs', import.meta.url).pathname;
      const module = pathToFileURL(guardFile()).href;
      const parent = spawn(process.execPath, [parentScript, module, behaviour, '-'], { stdio: 'pipe' });
      const [line] = await once(parent.stdout);
      const [guardPid = 0, meterPid = 0] = line.trim().split(' ').map(Number);
      expect([isAlive(guardPid), isAlive(meterPid)]).toEqual([true, true]);
      parent.kill('SIGKILL');
      await gone(meterPid);
      await gone(guardPid);
    },
  );

  test('as a program it starts one path only and takes no argument for another', async () => {
    const guard = spawn(process.execPath, [guardFile(), process.execPath, '--executable=/bin/sh'], {
      stdio: 'pipe',
      env: { LMPOWER_METER: process.execPath, METER_PATH: process.execPath },
    });
    const status = linesOf(guard.stderr);
    guard.stdin.write('start 100\n');
    // This machine has no powermetrics: the path shows in the error. One that has it starts it.
    const line = await status('');
    expect(line).toMatch(/^started \d+$|^stderr spawn \/usr\/bin\/powermetrics ENOENT$/);
    guard.stdin.end();
    await new Promise((resolve) => guard.once('close', resolve));
    expect(guard.exitCode).toBe(0);
  });

  test.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)('%s ends it in order', async (signal) => {
    const guard = spawn(process.execPath, [guardFile()], { stdio: 'pipe' });
    const status = linesOf(guard.stderr);
    guard.stdin.write('x\n');
    await status('refused');
    guard.kill(signal);
    const code = await new Promise((resolve) => guard.once('close', resolve));
    expect(code).toBe(0);
  });
});

async function once(stream: NodeJS.ReadableStream): Promise<[string]> {
  return new Promise((resolve) => {
    stream.once('data', (chunk: Buffer | string) => resolve([String(chunk)]));
  });
}
