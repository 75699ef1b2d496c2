import { spawn } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { guardLaunch } from '../../../samplers/powermetrics/guard-launch.ts';
import { directLaunch, meterEnded } from '../../../samplers/powermetrics/launch.ts';
import { sudoersLine } from '../../../samplers/powermetrics/permission.ts';
import {
  clampInterval,
  MAX_INTERVAL_ms,
  meterArguments,
} from '../../../samplers/privileged/meter-command.ts';
import { compilePrivileged } from '../../support/compiled-guard.ts';
import { manualClock } from '../../support/manual-clock.ts';
import { firstText, open, readAll } from '../../support/meter-launch.ts';
import { gone } from '../../support/process-death.ts';
import { type ScriptFolder, scriptFolder } from '../../support/scripts.ts';
import { type MeterBehaviour, standInMeter } from '../../support/stand-in-meter.ts';

let scripts: ScriptFolder;
let compiled = '';
beforeAll(() => {
  scripts = scriptFolder();
  compiled = compilePrivileged();
});
afterAll(() => {
  scripts.remove();
  rmSync(compiled, { recursive: true, force: true });
});

describe('meterArguments', () => {
  test('ask for plist frames of three samplers, unbuffered, and nothing that some macOS does not know', () => {
    expect(meterArguments(500).join(' ')).toBe('-f plist --samplers cpu_power,gpu_power,thermal -b 0 -i 500');
  });

  test.each([
    [100, 100],
    [250.6, 251],
    [0, 20],
    [-5, 20],
    [1e9, MAX_INTERVAL_ms],
    [Number.NaN, 500],
    [Number.POSITIVE_INFINITY, 500],
  ])('an interval of %d ms becomes %d', (asked_ms, given_ms) => {
    expect(clampInterval(asked_ms)).toBe(given_ms);
    expect(meterArguments(asked_ms).at(-1)).toBe(String(given_ms));
  });
});

describe('sudoersLine', () => {
  const pattern = new RegExp(sudoersLine('ada').replace(/^[^^]*/, ''));

  test('permits what lmpower starts, at any interval', () => {
    expect(sudoersLine('ada')).toMatch(/^ada ALL=\(root\) NOPASSWD: \/usr\/bin\/powermetrics \^/);
    for (const interval_ms of [20, 100, 500, 60_000]) {
      expect(meterArguments(interval_ms).join(' ')).toMatch(pattern);
    }
  });

  test.each(['-o /etc/passwd', '', '-f plist -o x', `${meterArguments(100).join(' ')} -o /etc/passwd`])(
    'does not permit the arguments %j',
    (args) => expect(args).not.toMatch(pattern),
  );
});

describe('directLaunch', () => {
  test('gives the program the meter’s fixed arguments and bare environment', async () => {
    const told: unknown = JSON.parse(await firstText(directLaunch(standInMeter('tells')), 250));
    expect(told).toMatchObject({
      argv: ['tells', '-', ...meterArguments(250)],
      env: { LANG: 'C', NSUnbufferedIO: 'YES' },
    });
    expect(told).not.toHaveProperty('env.HOME');
  });

  test.skipIf(process.platform !== 'linux')(
    'has a session of its own: Ctrl-C at the terminal ends the run, not its meter',
    async () => {
      const script = 'echo "$$ $(cut -d " " -f 5 /proc/$$/stat)"; sleep 9';
      const shell = directLaunch({ file: '/bin/sh', leading: ['-c', script] });
      const [pid, group] = (await firstText(shell, 250)).trim().split(' ');
      expect(Number(pid)).toBeGreaterThan(0);
      expect(group).toBe(pid);
    },
  );

  test('a meter that dies at once is an error with its own words', async () => {
    await expect(
      readAll(directLaunch(standInMeter('dies', 'unrecognized sampler: gpu'))),
    ).rejects.toMatchObject({
      code: 'SAMPLER_UNAVAILABLE',
      message: 'the meter ended with exit code 64: unrecognized sampler: gpu',
    });
  });

  test('a meter that wants root is an error that shows the sudoers line', async () => {
    const launch = directLaunch(standInMeter('dies', 'powermetrics must be invoked as the superuser'));
    await expect(readAll(launch)).rejects.toMatchObject({
      code: 'SAMPLER_NOT_PERMITTED',
      remedy: expect.stringMatching(/\S+ ALL=\(root\) NOPASSWD: \/usr\/bin\/powermetrics \^.*\$$/),
    });
  });

  test('all bytes come before the error of a meter that ended', async () => {
    const { chunks } = open(directLaunch(standInMeter('ends', '2')));
    let text = '';
    const read = async (): Promise<void> => {
      for (;;) text += Buffer.from((await chunks.next()).value?.chunk ?? []).toString('utf8');
    };
    await expect(read()).rejects.toThrow('exit code 3: the meter had enough');
    expect(text.match(/<\/plist>/g)).toHaveLength(2);
  });

  test('a missing program is an error, and absent to a probe', async () => {
    const launch = directLaunch({ file: '/nonexistent/meter' });
    await expect(readAll(launch)).rejects.toMatchObject({ code: 'SAMPLER_UNAVAILABLE' });
    expect(await launch.probe()).toMatchObject({ state: 'absent' });
  });

  test('a file that is no program is broken to a probe, and named', async () => {
    expect(await directLaunch({ file: import.meta.filename }).probe()).toMatchObject({ state: 'broken' });
  });

  test('a signal that came before the start starts nothing', async () => {
    const launch = directLaunch(standInMeter('frames'));
    const chunks = launch.open({ interval_ms: 100, signal: AbortSignal.abort(), clock: manualClock() });
    for await (const _ of chunks) throw new Error('a byte came');
  });
});

describe('meterEnded', () => {
  test.each([
    ['sudo: a password is required', 'SAMPLER_NOT_PERMITTED'],
    ['Sorry, try again.\nsudo: 3 incorrect password attempts', 'SAMPLER_NOT_PERMITTED'],
    ['sudo: Ein Passwort ist notwendig', 'SAMPLER_NOT_PERMITTED'],
    ['unable to talk to pseudo: device', 'SAMPLER_UNAVAILABLE'],
    ['', 'SAMPLER_UNAVAILABLE'],
  ])('%j is %s', (stderr, code) => {
    expect(meterEnded({ code: 1, signal: null, stderr, startError: null }).code).toBe(code);
  });
});

describe('guardLaunch, word by word', () => {
  function scripted() {
    const guard = { stdin: new PassThrough(), stdout: new PassThrough(), stderr: new PassThrough() };
    const commands: string[] = [];
    guard.stdin.setEncoding('utf8').on('data', (text: string) => commands.push(text));
    return { guard, commands, launch: guardLaunch(guard) };
  }
  const turns = async (): Promise<void> => {
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
  };

  test('an exit that is told before the last bytes have come waits for them', async () => {
    const { guard, launch } = scripted();
    const { chunks } = open(launch);
    const first = chunks.next();
    await turns();
    guard.stderr.write('started 1\nstderr words\nexited 3 - 10\n');
    await turns();
    guard.stdout.write('01234');
    expect(String((await first).value?.chunk)).toBe(String(Buffer.from('01234')));
    const second = chunks.next();
    await turns();
    guard.stdout.write('56789');
    expect((await second).value?.chunk.length).toBe(5);
    await expect(chunks.next()).rejects.toThrow('exit code 3: words');
  });

  test('a second stream starts its meter when the first has gone, and gets none of its bytes', async () => {
    const { guard, commands, launch } = scripted();
    const one = open(launch);
    const two = open(launch, 200);
    const first = one.chunks.next();
    await turns();
    const second = two.chunks.next();
    await turns();
    expect(commands).toEqual(['start 100\n']);
    one.abort.abort();
    expect(commands).toEqual(['start 100\n', 'stop\n']);
    guard.stdout.write('late');
    guard.stderr.write('exited - SIGTERM 4\n');
    expect((await first).done).toBe(true);
    await turns();
    expect(commands.at(-1)).toBe('start 200\n');
    guard.stdout.write('new');
    expect(Buffer.from((await second).value?.chunk ?? []).toString()).toBe('new');
  });

  test('a refusal is an error with its reason', async () => {
    const { guard, launch } = scripted();
    const { chunks } = open(launch);
    const first = chunks.next();
    await turns();
    guard.stderr.write('refused interval outside\n');
    await expect(first).rejects.toThrow('the guard refused to start the meter: interval outside');
  });
});

describe('guardLaunch', () => {
  function guarded(behaviour: MeterBehaviour, argument = '-') {
    const host = new URL('../../fixtures/executables/guard-host.mjs', import.meta.url).pathname;
    const module = pathToFileURL(join(compiled, 'samplers/privileged/guard.js')).href;
    const guard = spawn(process.execPath, [host, module, behaviour, argument], { stdio: 'pipe' });
    return { guard, launch: guardLaunch(guard) };
  }
  const ended = (guard: ReturnType<typeof spawn>): Promise<unknown> =>
    new Promise((resolve) => guard.once('close', resolve));

  test('streams the meter, and again after it was stopped, without a byte of the first', async () => {
    const { guard, launch } = guarded('tells');
    const first: unknown = JSON.parse(await firstText(launch, 100));
    const second: unknown = JSON.parse(await firstText(launch, 200));
    expect(first).toHaveProperty('argv.9', '100');
    expect(second).toHaveProperty('argv.9', '200');
    guard.stdin.end();
    await ended(guard);
  });

  test('a stream that ended has left no meter behind', async () => {
    const pidFile = join(scripts.path, 'pid');
    const { guard, launch } = guarded('leaves', pidFile);
    await firstText(launch);
    const pid = Number(readFileSync(pidFile, 'utf8'));
    expect(() => process.kill(pid, 0)).toThrow();
    guard.stdin.end();
    await ended(guard);
  });

  test('a meter that dies gives all its bytes and then its words', async () => {
    const { guard, launch } = guarded('ends', '40');
    const { chunks } = open(launch);
    let text = '';
    const read = async (): Promise<void> => {
      for (;;) text += Buffer.from((await chunks.next()).value?.chunk ?? []).toString('utf8');
    };
    await expect(read()).rejects.toThrow('exit code 3: the meter had enough');
    expect(text.match(/<\/plist>/g)).toHaveLength(40);
    guard.stdin.end();
    await ended(guard);
  });

  test('a flood is read at the reader’s pace and can be stopped at any point', async () => {
    const { guard, launch } = guarded('floods');
    const { abort, chunks } = open(launch);
    let read_B = 0;
    while (read_B < 20_000_000) read_B += (await chunks.next()).value?.chunk.length ?? 0;
    for (let turn = 0; turn < 200; turn++) await new Promise((resolve) => setImmediate(resolve));
    abort.abort();
    expect((await chunks.next()).done).toBe(true);
    guard.stdin.end();
    await ended(guard);
  });

  test('a guard that is killed ends the stream with an error, and refuses the next', async () => {
    const { guard, launch } = guarded('frames');
    const { chunks } = open(launch);
    await chunks.next();
    guard.kill('SIGKILL');
    const drain = async (): Promise<void> => {
      while ((await chunks.next()).done !== true);
    };
    await expect(drain()).rejects.toMatchObject({ code: 'SAMPLER_UNAVAILABLE' });
    expect(await launch.probe()).toMatchObject({ state: 'broken' });
    await expect(readAll(launch)).rejects.toThrow('the guard that starts the meter has ended');
  });
});

test('no meter is left when its reader has gone', async () => {
  const pidFile = join(scripts.path, 'pid-of-last');
  await firstText(directLaunch(standInMeter('leaves', pidFile)));
  await gone(Number(readFileSync(pidFile, 'utf8')));
});
