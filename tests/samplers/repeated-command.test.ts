import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { type CommandRun, RepeatedCommand } from '../../samplers/repeated-command.ts';
import { manualClock } from '../support/manual-clock.ts';
import { gone } from '../support/process-death.ts';
import { scriptFolder } from '../support/scripts.ts';

const scripts = scriptFolder();
afterAll(() => scripts.remove());

function repeated(name: string, lines: readonly string[], args: readonly string[] = []) {
  const abort = new AbortController();
  const command = { file: scripts.add(name, ...lines), args };
  return { abort, command: new RepeatedCommand(command, { signal: abort.signal, clock: manualClock(7) }) };
}

const textOf = ({ output }: CommandRun): string => Buffer.from(output).toString();

describe('RepeatedCommand', () => {
  test('each run is a process of its own, all of them started by one', async () => {
    const { command } = repeated('pids', ['echo "$$ $PPID"']);
    const runs = [await command.run(), await command.run(), await command.run()];
    await command.close();
    const pairs = runs.map((run) => textOf(run).trim().split(' '));
    expect(new Set(pairs.map(([own]) => own)).size).toBe(3);
    expect(new Set(pairs.map(([, parent]) => parent)).size).toBe(1);
    expect(runs.map(({ exit }) => exit.code)).toEqual([0, 0, 0]);
    expect(runs[0]?.arrival_s).toBe(7);
  });

  test('arguments are never read as words of a shell', async () => {
    const args = ['$(id)', '; echo x', "it's", '*', ''];
    const { command } = repeated('args', [`printf '<%s>' "$@"`], args);
    expect(textOf(await command.run())).toBe(args.map((word) => `<${word}>`).join(''));
    await command.close();
  });

  test('output of any length arrives whole, without the mark of its end', async () => {
    const { command } = repeated('long', ['head -c 300000 /dev/zero | tr "\\000" a']);
    for (const _run of [1, 2]) expect(textOf(await command.run())).toBe('a'.repeat(300_000));
    await command.close();
  });

  test('a run that fails has its exit code and its words; the next one starts anew', async () => {
    const count = join(scripts.path, 'fails.count');
    const lines = [`echo x >> "${count}"`, 'echo half', `[ $(wc -l < "${count}") = 2 ] || exit 0`];
    const { command } = repeated('fails', [...lines, 'echo "no board" >&2', 'exit 4']);
    expect((await command.run()).exit.code).toBe(0);
    const failed = await command.run();
    expect(textOf(failed)).toBe('half\n');
    expect(failed.exit).toEqual({ code: 4, signal: null, stderr: 'no board\n', startError: null });
    expect((await command.run()).exit.code).toBe(0);
    await command.close();
  });

  test('a command has no input to wait for', async () => {
    const { command } = repeated('reads', ['cat; echo end']);
    expect(textOf(await command.run())).toBe('end\n');
    await command.close();
  });

  test('what a tool prints is no end of it: marks, and words that come late', async () => {
    const { command } = repeated('marks', ["printf '\\036\\0361\\n'; (sleep 0.02; echo late) & echo hi"]);
    for (const _run of [1, 2, 3]) expect(textOf(await command.run())).toContain('\u001e\u001e1\nhi\n');
    await command.close();
  });

  test('a tool that itself ends with 127 was started, and its words count', async () => {
    const { command } = repeated('python', ['exec env no-such-interpreter']);
    const { exit } = await command.run();
    expect(exit).toMatchObject({ code: 127, startError: null });
    expect(exit.stderr).toContain('no-such-interpreter');
  });

  test('one that is not there, or not to be executed, could not be started', async () => {
    const options = { signal: new AbortController().signal, clock: manualClock() };
    const run = (file: string) => new RepeatedCommand({ file, args: [] }, options).run();
    expect((await run(join(scripts.path, 'nowhere'))).exit.startError).toBe('ENOENT');
    expect((await run(scripts.path)).exit.startError).toBe('EACCES');
  });

  test('the signal ends the shell and what it runs', async () => {
    const pids = join(scripts.path, 'hangs.pids');
    const { abort, command } = repeated('hangs', [`echo "$$ $PPID" > "${pids}"`, 'echo begun', 'sleep 1000']);
    const run = command.run();
    const written = (): string[] => readFileSync(pids, { encoding: 'utf8', flag: 'a+' }).trim().split(' ');
    await expect.poll(() => written().length, { timeout: 20_000 }).toBe(2);
    abort.abort();
    expect((await run).exit.code).toBeNull();
    await command.close();
    for (const pid of written()) await gone(Number(pid));
  });

  test('closing ends a run that is on, even of a tool that refuses to end', async () => {
    const pids = join(scripts.path, 'stays.pids');
    const clock = manualClock();
    const options = { signal: new AbortController().signal, clock };
    const file = scripts.add('stays', "trap '' TERM", `echo "$$ $PPID" > "${pids}"`, 'sleep 1000');
    const command = new RepeatedCommand({ file, args: [] }, options);
    const run = command.run();
    const written = (): string[] => readFileSync(pids, { encoding: 'utf8', flag: 'a+' }).trim().split(' ');
    await expect.poll(() => written().length, { timeout: 20_000 }).toBe(2);
    let isClosed = false;
    const closing = command.close().then(() => {
      isClosed = true;
    });
    while (!isClosed) await clock.advance(0.1);
    await Promise.all([closing, run]);
    for (const pid of written()) await gone(Number(pid));
  });
});
