import { describe, expect, test } from 'vitest';
import { commandOutput } from '../../samplers/command-output.ts';
import { type Command, type CommandOptions, commandStream } from '../../samplers/command-stream.ts';
import { manualClock } from '../support/manual-clock.ts';
import { gone, isAlive } from '../support/process-death.ts';
import { type MeterBehaviour, standInMeter } from '../support/stand-in-meter.ts';

function meter(behaviour: MeterBehaviour, argument?: string): Command {
  const { file, leading } = standInMeter(behaviour, argument);
  return { file, args: [...leading, '-i', '100'] };
}

async function start(command: Command, given: Partial<CommandOptions> = {}) {
  const abort = new AbortController();
  const clock = manualClock(100);
  const stream = await commandStream(command, { signal: abort.signal, clock, ...given });
  return { abort, clock, stream, bytes: stream[Symbol.asyncIterator]() };
}

async function textOf(stream: AsyncIterable<{ readonly chunk: Uint8Array }>): Promise<string> {
  let text = '';
  for await (const { chunk } of stream) text += Buffer.from(chunk).toString('utf8');
  return text;
}

describe('commandStream', () => {
  test('yields the output stamped on arrival and returns when the command ends', async () => {
    const { stream } = await start(meter('ends', '2'));
    const stamps: number[] = [];
    let text = '';
    for await (const { chunk, arrival_s } of stream) {
      stamps.push(arrival_s);
      text += Buffer.from(chunk).toString('utf8');
    }
    expect(text.match(/<\/plist>/g)).toHaveLength(2);
    expect(new Set(stamps)).toEqual(new Set([100]));
    expect(await stream.exit).toEqual({
      code: 3,
      signal: null,
      stderr: 'the meter had enough\n',
      startError: null,
    });
  });

  test.skipIf(process.platform !== 'linux').each([
    [true, 'its own, so Ctrl-C at the terminal does not reach it'],
    [false, 'ours, so that sudo finds the terminal'],
  ])('with ownSession %s its process group is %s (read from /proc: Linux only)', async (ownSession) => {
    const command = { file: '/bin/sh', args: ['-c', 'cut -d " " -f 5 /proc/self/stat'], ownSession };
    const { stream } = await start(command);
    const group = Number(await textOf(stream));
    expect(group).toBeGreaterThan(0);
    expect(group === stream.pid).toBe(ownSession);
  });

  test('a command that closes its output before it ends keeps its last words and its exit code', async () => {
    const { stream } = await start(meter('lingers'));
    expect(await textOf(stream)).toBe('');
    expect(await stream.exit).toEqual({ code: 5, signal: null, stderr: 'last word\n', startError: null });
  });

  test('the stamp is the time of arrival, not of reading', async () => {
    const { stream, clock, bytes } = await start(meter('ends', '1'));
    await stream.exit;
    await clock.advance(5);
    const first = await bytes.next();
    expect(first.value?.arrival_s).toBe(100);
    await bytes.return?.();
  });

  test('the signal ends the command and the loop', async () => {
    const { abort, stream, bytes } = await start(meter('frames'));
    await bytes.next();
    abort.abort();
    expect((await bytes.next()).done).toBe(true);
    expect((await stream.exit).signal).toBe('SIGTERM');
    await gone(stream.pid ?? 0);
  });

  test('leaving the loop ends the command before the loop is left', async () => {
    const { stream } = await start(meter('frames'));
    for await (const _ of stream) break;
    expect(isAlive(stream.pid ?? 0)).toBe(false);
  });

  test('a command that ignores SIGTERM gets SIGKILL after the grace time', async () => {
    const { abort, clock, stream, bytes } = await start(meter('stubborn'), { grace_s: 3 });
    await bytes.next();
    const over = bytes.next();
    abort.abort();
    await clock.advance(2.9);
    expect(isAlive(stream.pid ?? 0)).toBe(true);
    await clock.advance(0.2);
    expect((await over).done).toBe(true);
    expect((await stream.exit).signal).toBe('SIGKILL');
  });

  test('where the signal is not permitted the stream is closed, and the next write ends the command', async () => {
    const refuse = (): never => {
      throw Object.assign(new Error('kill EPERM'), { code: 'EPERM' });
    };
    const { abort, stream, bytes } = await start(meter('frames'), { send: refuse });
    await bytes.next();
    abort.abort();
    expect((await bytes.next()).done).toBe(true);
    // Let go of at once, without waiting for it.
    expect(await stream.exit).toEqual({ code: null, signal: null, stderr: '', startError: null });
    await gone(stream.pid ?? 0);
  });

  test('an error of the signal that is not about permission is not hidden', async () => {
    const { bytes, stream } = await start(meter('frames'), {
      send: () => {
        throw new Error('no such signal');
      },
    });
    await bytes.next();
    await expect(bytes.return?.()).rejects.toThrow('no such signal');
    process.kill(stream.pid ?? 0, 'SIGKILL');
    await stream.exit;
  });

  test('a flood waits for its reader instead of filling memory', async () => {
    const { bytes, stream, abort } = await start(meter('floods'));
    let read_B = 0;
    while (read_B < 50_000_000) read_B += (await bytes.next()).value?.chunk.length ?? 0;
    // Nobody reads now; what is queued stays within its limit.
    for (let turn = 0; turn < 200; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(process.memoryUsage().arrayBuffers).toBeLessThan(60_000_000);
    abort.abort();
    await bytes.next();
    await gone(stream.pid ?? 0);
  });

  test('a command that does not exist yields nothing and says why', async () => {
    const { stream } = await start({ file: '/nonexistent/meter', args: [] });
    expect(await textOf(stream)).toBe('');
    expect((await stream.exit).startError).toContain('ENOENT');
  });

  test('a given environment is the whole environment', async () => {
    const { stream, bytes } = await start({ ...meter('tells'), env: { LANG: 'C' } });
    const first = await bytes.next();
    await bytes.return?.();
    const told: unknown = JSON.parse(Buffer.from(first.value?.chunk ?? []).toString('utf8'));
    expect(told).toMatchObject({ env: { LANG: 'C' } });
    expect(told).not.toHaveProperty('env.HOME');
    await stream.exit;
  });

  test('a signal that came before the start still ends the command', async () => {
    const { stream } = await start(meter('frames'), { signal: AbortSignal.abort() });
    expect(await textOf(stream)).toBe('');
    await gone(stream.pid ?? 0);
  });

  test('error output is passed on as it comes', async () => {
    const heard: string[] = [];
    const { stream } = await start(meter('dies', 'no such sampler'), {
      onStderr: (text) => heard.push(text),
    });
    await textOf(stream);
    expect(heard.join('')).toBe('no such sampler\n');
  });
});

describe('commandOutput', () => {
  test('gives all output and the exit code', async () => {
    const output = await commandOutput(meter('dies', 'words'));
    expect(output).toMatchObject({ stdout: '', stderr: 'words\n', code: 64, late: false });
  });

  test('a command that does not end is ended at the limit', async () => {
    const clock = manualClock();
    const output = commandOutput(meter('hangs'), { limit_s: 1.5, clock });
    await clock.advance(1.5);
    await clock.advance(0.2);
    expect(await output).toMatchObject({ stdout: '', late: true });
  });
});
