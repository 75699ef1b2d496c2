import { existsSync, statSync } from 'node:fs';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { desktopLaunch } from '../../../samplers/powermetrics/desktop-launch.ts';
import type { MeterSession } from '../../../samplers/powermetrics/session.ts';
import { firstText, open, readAll, session } from '../../support/meter-launch.ts';
import { type ScriptFolder, scriptFolder } from '../../support/scripts.ts';

let scripts: ScriptFolder;
beforeAll(() => {
  scripts = scriptFolder();
});
afterAll(() => scripts.remove());

describe('desktopLaunch', () => {
  /** Does what root's shell would do with the line, without being root; the last word is the socket. */
  function shell(lines: string[], meterOutput: string | null) {
    return async (line: string): Promise<string> => {
      lines.push(line);
      const path = line.split(' ').at(-1) ?? '';
      if (meterOutput === null) return 'unrecognized sampler';
      const socket = createConnection(path);
      socket.on('error', () => socket.destroy());
      await new Promise((resolve) => socket.once('connect', resolve));
      socket.write(meterOutput);
      await new Promise((resolve) => socket.once('close', resolve));
      return '';
    };
  }

  test('the meter writes to a socket that only this user and root can reach', async () => {
    const lines: string[] = [];
    let mode = 0;
    const answer = shell(lines, 'frame');
    const launch = desktopLaunch(
      session({
        askOnDesktop: (line) => {
          mode = statSync(join(line.split(' ').at(-1) ?? '', '..')).mode & 0o777;
          return answer(line);
        },
      }),
    );
    expect(await firstText(launch)).toBe('frame');
    expect(mode).toBe(0o700);
    const path = lines[0]?.split(' ').at(-1) ?? '';
    await vi.waitFor(() => expect(existsSync(join(path, '..'))).toBe(false));
  });

  test('the line for root holds constants, one integer and a random folder, and no character a shell acts on but |', async () => {
    const lines: string[] = [];
    await firstText(desktopLaunch(session({ askOnDesktop: shell(lines, 'frame') })));
    expect(lines[0]).toMatch(
      /^\/usr\/bin\/env -i PATH=\S+ LANG=C NSUnbufferedIO=YES \/usr\/bin\/powermetrics -f plist --samplers cpu_power,gpu_power,thermal -b 0 -i 100 \| \/usr\/bin\/nc -U \/tmp\/lmpower-[A-Za-z0-9]{6}\/meter$/,
    );
  });

  test('a refused window is SAMPLER_NOT_PERMITTED and leaves nothing in /tmp', async () => {
    const paths: string[] = [];
    const launch = desktopLaunch(
      session({
        askOnDesktop: async (line) => {
          paths.push(line.split(' ').at(-1) ?? '');
          throw new Error('User did not grant permission.');
        },
      }),
    );
    await expect(readAll(launch)).rejects.toMatchObject({
      code: 'SAMPLER_NOT_PERMITTED',
      message: 'the password window: User did not grant permission.',
    });
    await vi.waitFor(() => expect(existsSync(join(paths[0] ?? '/', '..'))).toBe(false));
  });

  test('a meter that ends without a byte gives its words', async () => {
    const launch = desktopLaunch(session({ askOnDesktop: shell([], null) }));
    await expect(readAll(launch)).rejects.toThrow('unrecognized sampler');
  });

  test('a window that nobody answers does not hold up the end', async () => {
    const launch = desktopLaunch(session({ askOnDesktop: () => new Promise(() => undefined) }));
    const { abort, chunks } = open(launch);
    const first = chunks.next();
    abort.abort();
    expect((await first).done).toBe(true);
  });

  test('a folder whose name a shell would act on is refused', async () => {
    const cwd = vi.spyOn(process, 'cwd').mockReturnValue('/tmp/$(id)');
    try {
      await expect(readAll(desktopLaunch(session({})))).rejects.toThrow('cannot be passed to root safely');
    } finally {
      cwd.mockRestore();
    }
  });

  test('it is offered only where there is a desktop and no terminal', async () => {
    const meter = scripts.addMeter('frames');
    const probe = (known: Partial<MeterSession>) => desktopLaunch(session({ meter, ...known })).probe();
    expect(await probe({ hasDesktop: async () => true })).toMatchObject({ state: 'ready' });
    expect(await probe({ hasDesktop: async () => false })).toMatchObject({ state: 'absent' });
    expect(await probe({ hasDesktop: async () => true, terminal: true })).toMatchObject({ state: 'absent' });
  });
});
