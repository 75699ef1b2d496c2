import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchByRoads, meterRoads } from '../../../samplers/powermetrics/roads.ts';
import { sudoLaunch } from '../../../samplers/powermetrics/sudo-launch.ts';
import { meterArguments } from '../../../samplers/privileged/meter-command.ts';
import { manualClock } from '../../support/manual-clock.ts';
import { firstText, RUN_COMMAND, readAll, session, sudoThat } from '../../support/meter-launch.ts';
import { type ScriptFolder, scriptFolder } from '../../support/scripts.ts';

let scripts: ScriptFolder;
beforeAll(() => {
  scripts = scriptFolder();
});
afterAll(() => scripts.remove());

describe('sudoLaunch', () => {
  test('starts the meter silently where sudo permits it', async () => {
    const said: string[] = [];
    const launch = sudoLaunch(
      session({
        sudo: sudoThat.permits(scripts),
        meter: scripts.addMeter('tells'),
        say: (text) => said.push(text),
      }),
    );
    const told: unknown = JSON.parse(await firstText(launch));
    expect(told).toMatchObject({ argv: ['tells', '-', ...meterArguments(100)] });
    expect(said).toEqual([]);
    expect(await launch.probe()).toMatchObject({
      state: 'ready',
      detail: 'sudo permits the meter without asking',
    });
  });

  test('on a terminal it says why, once, and lets sudo ask', async () => {
    const said: string[] = [];
    const launch = sudoLaunch(
      session({
        sudo: sudoThat.asks(scripts),
        meter: scripts.addMeter('frames'),
        terminal: true,
        say: (text) => said.push(text),
      }),
    );
    expect(await firstText(launch)).toContain('<plist');
    expect(said).toHaveLength(1);
    expect(said[0]).toMatch(/^lmpower: only root may read power .*\n$/);
  });

  test('without a terminal it never asks', async () => {
    const launch = sudoLaunch(session({ sudo: sudoThat.asks(scripts), meter: scripts.addMeter('frames') }));
    await expect(readAll(launch)).rejects.toMatchObject({
      code: 'SAMPLER_NOT_PERMITTED',
      remedy: expect.stringContaining('NOPASSWD: /usr/bin/powermetrics'),
    });
    expect(await launch.probe()).toMatchObject({ state: 'needs-permission' });
  });

  test('a refusal after asking is an error, with what sudo said passed on', async () => {
    const said: string[] = [];
    const launch = sudoLaunch(
      session({
        sudo: sudoThat.refuses(scripts),
        meter: scripts.addMeter('frames'),
        terminal: true,
        say: (text) => said.push(text),
      }),
    );
    await expect(readAll(launch)).rejects.toMatchObject({ code: 'SAMPLER_NOT_PERMITTED' });
    expect(said.join('')).toContain('sudo: a password is required');
  });

  test('a meter that dies after its first bytes is not started a second time', async () => {
    const said: string[] = [];
    const meter = scripts.add('dies-late', 'echo bytes', 'echo "sudo: unexpected" >&2', 'exit 1');
    const launch = sudoLaunch(
      session({ sudo: sudoThat.permits(scripts), meter, terminal: true, say: (text) => said.push(text) }),
    );
    await expect(readAll(launch)).rejects.toThrow('sudo: unexpected');
    expect(said).toEqual([]);
  });

  test('a sudo that does not answer is not waited for longer than a probe may take', async () => {
    let waited_s = 0;
    // Every wait is over at once, and counted.
    const sleep = async (duration_s: number): Promise<void> => {
      waited_s += duration_s;
    };
    const clock = { ...manualClock(), sleep };
    const sudo = sudoThat.hangs(scripts);
    const probe = await sudoLaunch(session({ sudo, meter: scripts.addMeter('hangs'), clock })).probe();
    expect(probe).toMatchObject({ state: 'needs-permission' });
    expect(waited_s).toBeGreaterThan(1);
    expect(waited_s).toBeLessThan(2);
  });
});

describe('meterRoads', () => {
  test('three, in the order in which they are tried', () => {
    expect(meterRoads(session({})).map((road) => road.id)).toEqual(['guard', 'sudo', 'desktop']);
  });

  test('without a meter on the machine every road is absent', async () => {
    for (const road of meterRoads(session({ meter: '/nonexistent/powermetrics', root: true }))) {
      expect(await road.probe()).toMatchObject({ state: 'absent' });
    }
  });

  test('root without a guard starts the meter itself', async () => {
    const launch = launchByRoads(meterRoads(session({ root: true, meter: scripts.addMeter('frames') })));
    expect(await launch.probe()).toMatchObject({ state: 'ready' });
    expect(await firstText(launch)).toContain('<plist');
  });

  test('a road that is refused before the first byte is followed by the next', async () => {
    const asked: string[] = [];
    const launch = launchByRoads(
      meterRoads(
        session({
          meter: scripts.addMeter('frames'),
          sudo: sudoThat.refuses(scripts),
          hasDesktop: async () => true,
          askOnDesktop: async (line) => {
            asked.push(line);
            throw new Error('User did not grant permission.');
          },
        }),
      ),
    );
    await expect(readAll(launch)).rejects.toMatchObject({ code: 'SAMPLER_NOT_PERMITTED' });
    expect(asked).toHaveLength(1);
  });

  test('a road that breaks off after its first byte is not followed by the next', async () => {
    const asked: string[] = [];
    const launch = launchByRoads(
      meterRoads(
        session({
          meter: scripts.add('breaks-off', 'echo bytes', 'echo "sudo: unexpected" >&2', 'exit 1'),
          sudo: sudoThat.permits(scripts),
          hasDesktop: async () => true,
          askOnDesktop: async (line) => {
            asked.push(line);
            return '';
          },
        }),
      ),
    );
    await expect(readAll(launch)).rejects.toThrow('sudo: unexpected');
    expect(asked).toEqual([]);
  });

  test('a sudo that permits the meter without saying so is tried all the same', async () => {
    const sudo = scripts.add('sudo-silent', 'case " $* " in *" -l "*) exit 1;; esac', ...RUN_COMMAND);
    const launch = launchByRoads(meterRoads(session({ meter: scripts.addMeter('frames'), sudo })));
    expect(await launch.probe()).toMatchObject({ state: 'needs-permission' });
    expect(await firstText(launch)).toContain('<plist');
  });

  test('without any right the error carries the sudoers line', async () => {
    const launch = launchByRoads(
      meterRoads(session({ meter: scripts.addMeter('frames'), sudo: sudoThat.refuses(scripts) })),
    );
    await expect(readAll(launch)).rejects.toMatchObject({
      code: 'SAMPLER_NOT_PERMITTED',
      remedy: expect.stringMatching(/ALL=\(root\) NOPASSWD: \/usr\/bin\/powermetrics \^.*\$$/),
    });
    expect(await launch.probe()).toMatchObject({ state: 'needs-permission' });
  });

  test('without a meter the error says so', async () => {
    const launch = launchByRoads(meterRoads(session({ meter: '/nonexistent/powermetrics' })));
    await expect(readAll(launch)).rejects.toMatchObject({
      code: 'SAMPLER_UNAVAILABLE',
      message: 'powermetrics: /nonexistent/powermetrics is not on this machine',
    });
  });
});
