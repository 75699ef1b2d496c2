import { spawnSync } from 'node:child_process';
import { chownSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ElevationRefused, elevate, type SystemCalls } from '../../src/cli/elevation.ts';
import { compilePrivileged } from '../support/compiled-guard.ts';

interface FakeSystem extends SystemCalls {
  readonly log: string[];
}

/** A system of root's, as the kernel behaves: after setuid to a user, nothing leads back. */
function rootSystem(env: NodeJS.ProcessEnv, changes: Partial<SystemCalls> = {}): FakeSystem {
  const log: string[] = [];
  const ids = { uid: 0, gid: 0 };
  const note = (line: string): void => void log.push(line);
  const permit = (): void => {
    if (ids.uid !== 0) throw Object.assign(new Error('setuid EPERM'), { code: 'EPERM' });
  };
  return {
    log,
    env,
    getuid: () => ids.uid,
    geteuid: () => ids.uid,
    getgid: () => ids.gid,
    getegid: () => ids.gid,
    initgroups: (uid, gid) => {
      permit();
      note(`initgroups ${uid} ${gid}`);
    },
    setgroups: (groups) => {
      permit();
      note(`setgroups ${groups.join()}`);
    },
    setgid: (gid) => {
      permit();
      ids.gid = gid;
      note(`setgid ${gid}`);
    },
    setuid: (uid) => {
      note(`setuid ${uid}`);
      permit();
      ids.uid = uid;
    },
    userInfo: () => ({ username: 'ada', homedir: '/home/ada' }),
    spawnGuard: () => {
      note('guard');
      return { pid: 7, stdin: new PassThrough(), stdout: new PassThrough(), stderr: new PassThrough() };
    },
    ...changes,
  };
}

const SUDO = { SUDO_UID: '501', SUDO_GID: '20', HOME: '/root', USER: 'root' } as const;

describe('elevate', () => {
  test('starts the guard as root, then becomes the user: groups, group, user, and tries the way back', () => {
    const system = rootSystem({ ...SUDO });
    const elevation = elevate(['run', '--baseline', '15'], system);
    expect(system.log).toEqual(['guard', 'initgroups 501 20', 'setgid 20', 'setuid 501', 'setuid 0']);
    expect(elevation).toMatchObject({ dropped: true, reason: null, guard: { pid: 7 } });
  });

  test("HOME becomes the user's, not root's", () => {
    const system = rootSystem({ ...SUDO });
    elevate(['run'], system);
    expect(system.env).toMatchObject({ HOME: '/home/ada', USER: 'ada', LOGNAME: 'ada' });
  });

  test.each([['demo'], ['analyze'], ['report'], ['--version']])(
    '%s gets no guard, and drops all the same',
    (command) => {
      const system = rootSystem({ ...SUDO });
      expect(elevate([command], system)).toMatchObject({ guard: null, dropped: true });
      expect(system.log).not.toContain('guard');
    },
  );

  test.each([['run'], ['sample'], ['compare'], ['doctor']])('%s gets a guard', (command) => {
    expect(elevate(['--db', 'x.db', command], rootSystem({ ...SUDO })).guard).not.toBeNull();
  });

  test('without root nothing happens and nothing is said', () => {
    const system = rootSystem({ ...SUDO }, { getuid: () => 501, geteuid: () => 501 });
    expect(elevate(['run'], system)).toEqual({ guard: null, dropped: false, reason: null });
    expect(system.log).toEqual([]);
  });

  test('on a system without user ids nothing happens', () => {
    const system = rootSystem({ ...SUDO }, { getuid: undefined });
    expect(elevate(['run'], system)).toEqual({ guard: null, dropped: false, reason: null });
  });

  test.each([
    ['no sudo', {}, /without sudo/],
    ['sudo called by root', { SUDO_UID: '0', SUDO_GID: '0' }, /called by root/],
  ])('root with %s stays root and says so', (_title, env, reason) => {
    const system = rootSystem(env);
    const elevation = elevate(['run'], system);
    expect(elevation).toMatchObject({ guard: null, dropped: false });
    expect(elevation.reason).toMatch(reason);
    expect(system.log).toEqual([]);
  });

  test.each([
    ['a name', { SUDO_UID: 'ada', SUDO_GID: '20' }],
    ['a negative id', { SUDO_UID: '-1', SUDO_GID: '20' }],
    ['the id that means leave as it is', { SUDO_UID: '4294967295', SUDO_GID: '20' }],
    ['an id past 32 bits, which wraps to root', { SUDO_UID: '4294967296', SUDO_GID: '20' }],
    ['a fraction', { SUDO_UID: '501.5', SUDO_GID: '20' }],
    ['an octal look-alike', { SUDO_UID: '0501', SUDO_GID: '20' }],
    ['no group', { SUDO_UID: '501' }],
    ['no user', { SUDO_GID: '20' }],
    ['an empty text', { SUDO_UID: '', SUDO_GID: '20' }],
  ])('root with %s goes no further: no guard, no drop, and what to type', (_title, env) => {
    const system = rootSystem(env);
    let thrown: unknown;
    try {
      elevate(['run'], system);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(ElevationRefused);
    expect(thrown).toMatchObject({
      message: expect.stringContaining('do not name a user to become'),
      remedy: expect.stringContaining('sudo lmpower'),
      exitCode: 3,
    });
    expect(system.log).toEqual([]);
  });

  test('a way back to root ends the program, and the guard with it', () => {
    const guard = { stdin: new PassThrough(), stdout: new PassThrough(), stderr: new PassThrough() };
    const ids = { uid: 0 };
    const system = rootSystem(
      { ...SUDO },
      {
        spawnGuard: () => guard,
        getuid: () => ids.uid,
        geteuid: () => ids.uid,
        setuid: (uid) => {
          ids.uid = uid;
        },
      },
    );
    expect(() => elevate(['run'], system)).toThrow('setuid(0) still works');
    expect(guard.stdin.destroyed).toBe(true);
  });

  test('an id that did not change ends the program', () => {
    const system = rootSystem({ ...SUDO }, { getegid: () => 0 });
    expect(() => elevate(['run'], system)).toThrow(
      'could not become user 501:20: the ids are 501, 501, 20, 0',
    );
  });

  test('a refusal of setgid ends the program before setuid', () => {
    const system = rootSystem(
      { ...SUDO },
      {
        setgid: () => {
          throw new Error('setgid EPERM');
        },
      },
    );
    expect(() => elevate(['run'], system)).toThrow('setgid EPERM');
    expect(system.log).not.toContain('setuid 501');
  });

  test('a user without an entry in the user database gets its own group alone, and no home', () => {
    const unknown = (): never => {
      throw Object.assign(new Error('User identifier does not exist'), { code: 'ERR_UNKNOWN_CREDENTIAL' });
    };
    const system = rootSystem({ ...SUDO }, { initgroups: unknown, userInfo: unknown });
    const elevation = elevate(['run'], system);
    expect(system.log).toContain('setgroups 20');
    expect(system.env['HOME']).toBe('/');
    expect(elevation.reason).toContain('--db FILE');
  });

  test('any other failure of initgroups ends the program', () => {
    const system = rootSystem(
      { ...SUDO },
      {
        initgroups: () => {
          throw new Error('initgroups EPERM');
        },
      },
    );
    expect(() => elevate(['run'], system)).toThrow('initgroups EPERM');
  });
});

const isRoot = process.getuid?.() === 0;

describe.skipIf(!isRoot)('elevate in a real process (needs root: it gives root up)', () => {
  test('after the drop there is no way back, and files belong to the user', () => {
    const folder = compilePrivileged('src/cli/elevation.ts');
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const box = join(folder, 'box');
    mkdirSync(box);
    chownSync(box, 65534, 65534);
    const probe = join(folder, 'probe.mjs');
    writeFileSync(probe, PROBE);
    spawnSync('chmod', ['-R', 'a+rX', folder]);
    const run = spawnSync(process.execPath, [probe, join(box, 'made')], {
      encoding: 'utf8',
      cwd: '/',
      env: { ...process.env, SUDO_UID: '65534', SUDO_GID: '65534', HOME: '/root' },
    });
    const told: unknown = JSON.parse(run.stdout);
    expect(told).toMatchObject({
      dropped: true,
      ids: [65534, 65534, 65534, 65534],
      groups: [65534],
      refusals: { setuid: 'EPERM', seteuid: 'EPERM', setgid: 'EPERM', kill: 'EPERM' },
    });
    expect(told).not.toHaveProperty('home', '/root');
    expect(statSync(join(box, 'made'))).toMatchObject({ uid: 65534, gid: 65534 });
  });
});

const PROBE = `
import { writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { elevate } from './src/cli/elevation.js';
const { guard, dropped } = elevate(['run']);
const refusal = (attempt) => { try { attempt(); return 'permitted'; } catch (error) { return error.code; } };
writeFileSync(process.argv[2], 'x');
process.stdout.write(JSON.stringify({
  dropped,
  ids: [process.getuid(), process.geteuid(), process.getgid(), process.getegid()],
  groups: process.getgroups(),
  home: homedir(),
  refusals: {
    setuid: refusal(() => process.setuid(0)),
    seteuid: refusal(() => process.seteuid(0)),
    setgid: refusal(() => process.setgid(0)),
    kill: refusal(() => process.kill(guard.pid, 'SIGKILL')),
  },
}), () => process.exit(0));
`;

describe('the entry', () => {
  test('elevation imports node: built-ins only', () => {
    const source = readFileSync(join(import.meta.dirname, '../../src/cli/elevation.ts'), 'utf8');
    const imports = [...source.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map((match) => match[1]);
    expect(imports.length).toBeGreaterThan(0);
    expect(imports.filter((name) => !name?.startsWith('node:'))).toEqual([]);
  });
});
