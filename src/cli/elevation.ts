import { spawn } from 'node:child_process';
import { userInfo } from 'node:os';
import { extname } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';

declare global {
  namespace NodeJS {
    interface Process {
      /** Documented by Node, missing from its types. */
      initgroups?: (user: string | number, extraGroup: string | number) => void;
    }
  }
}

/** The root process that starts and ends the meter. Closing its stdin ends it; signals to it are refused after the drop. */
export interface GuardProcess {
  readonly pid?: number | undefined;
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
}

export interface Elevation {
  readonly guard: GuardProcess | null;
  /** True: this process was root's and is the user's now, for good. */
  readonly dropped: boolean;
  /** One sentence for people; null when there is nothing to say. */
  readonly reason: string | null;
}

/** What elevation asks of the system; tests give their own. */
export interface SystemCalls {
  readonly env: NodeJS.ProcessEnv;
  /** Undefined: a system without user ids. */
  readonly getuid: (() => number) | undefined;
  readonly geteuid: () => number;
  readonly getgid: () => number;
  readonly getegid: () => number;
  readonly initgroups: (uid: number, gid: number) => void;
  readonly setgroups: (groups: readonly number[]) => void;
  readonly setgid: (gid: number) => void;
  readonly setuid: (uid: number) => void;
  readonly userInfo: () => { readonly username: string; readonly homedir: string };
  readonly spawnGuard: () => GuardProcess;
}

interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** Root that was asked to become nobody: going on would run packages with root's rights. Exit code 3, machine not ready. */
export class ElevationRefused extends Error {
  readonly exitCode = 3;
  readonly remedy =
    'start it as sudo does: sudo lmpower …; as root on purpose: env -u SUDO_UID -u SUDO_GID lmpower …';
}

/** Commands that may read the meter; the others need no guard. */
const METER_COMMANDS = new Set(['run', 'sample', 'compare', 'doctor', 'watch', 'verify']);

/**
 * Under `sudo lmpower`: starts the guard when the command reads the meter, then becomes the user who called sudo, for
 * good. To be called before anything but node: built-ins is loaded. Anything that keeps root's rights within reach
 * throws, so that the program ends instead of going on with them. @throws {ElevationRefused}
 */
export function elevate(argv: readonly string[], system: SystemCalls = realSystem()): Elevation {
  if (system.getuid === undefined || system.geteuid() !== 0)
    return { guard: null, dropped: false, reason: null };
  const owner = ownerBehindSudo(system.env);
  if (typeof owner === 'string') return { guard: null, dropped: false, reason: owner };
  const guard = argv.some((word) => METER_COMMANDS.has(word)) ? system.spawnGuard() : null;
  try {
    becomeUser(owner, system);
    verifyDropped(owner, system);
  } catch (error) {
    // The guard must not outlive a failed drop.
    guard?.stdin.destroy();
    throw error;
  }
  return { guard, dropped: true, reason: takeHome(system) };
}

/** The user who typed sudo; a sentence when there is none to become. @throws {ElevationRefused} */
function ownerBehindSudo(env: NodeJS.ProcessEnv): Owner | string {
  const { SUDO_UID, SUDO_GID } = env;
  if (SUDO_UID === undefined && SUDO_GID === undefined) {
    return 'running as root without sudo: there is no user to become, and files will belong to root';
  }
  const uid = parseId(SUDO_UID);
  const gid = parseId(SUDO_GID);
  if (uid === undefined || gid === undefined) {
    const stated = [SUDO_UID, SUDO_GID].map((text) =>
      text === undefined ? 'not set' : JSON.stringify(text),
    );
    throw new ElevationRefused(`SUDO_UID and SUDO_GID do not name a user to become (${stated.join(', ')})`);
  }
  if (uid === 0) return 'sudo was called by root: there is no user to become, and files will belong to root';
  return { uid, gid };
}

/** Largest id: 2^32 − 1 means 'leave as it is' to setuid(2) and must never get there. */
const MAX_ID = 4_294_967_294;

function parseId(text: string | undefined): number | undefined {
  if (text === undefined || !/^(0|[1-9][0-9]{0,9})$/.test(text)) return undefined;
  const id = Number(text);
  return id <= MAX_ID ? id : undefined;
}

/** Groups first: after setuid(2) nothing of this would be permitted. */
function becomeUser({ uid, gid }: Owner, system: SystemCalls): void {
  try {
    system.initgroups(uid, gid);
  } catch (error) {
    // A user id without an entry in the user database has no groups beyond its own.
    if (!isUnknownUser(error)) throw error;
    system.setgroups([gid]);
  }
  system.setgid(gid);
  system.setuid(uid);
}

function isUnknownUser(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_UNKNOWN_CREDENTIAL';
}

function verifyDropped({ uid, gid }: Owner, system: SystemCalls): void {
  const now = [system.getuid?.(), system.geteuid(), system.getgid(), system.getegid()];
  if (now.join() !== [uid, uid, gid, gid].join()) {
    throw new Error(`could not become user ${uid}:${gid}: the ids are ${now.join(', ')}`);
  }
  if (canBeRootAgain(system)) throw new Error(`could not give up root's rights: setuid(0) still works`);
}

function canBeRootAgain(system: SystemCalls): boolean {
  try {
    system.setuid(0);
    return true;
  } catch {
    // The refusal is what is wanted.
    return false;
  }
}

/** HOME is root's until here, and `os.homedir()` believes HOME. */
function takeHome(system: SystemCalls): string | null {
  try {
    const { username, homedir } = system.userInfo();
    Object.assign(system.env, { HOME: homedir, USER: username, LOGNAME: username });
    return null;
  } catch {
    system.env['HOME'] = '/';
    return 'the user who called sudo has no entry in the user database, hence no home: use --db FILE';
  }
}

function realSystem(): SystemCalls {
  const { env, getuid, geteuid, getgid, getegid, initgroups, setgroups, setgid, setuid } = process;
  const absent = (): never => {
    throw new Error('this system has no user ids');
  };
  return {
    env,
    getuid,
    geteuid: geteuid ?? absent,
    getgid: getgid ?? absent,
    getegid: getegid ?? absent,
    initgroups: initgroups ?? absent,
    setgroups: setgroups ?? absent,
    setgid: setgid ?? absent,
    setuid: setuid ?? absent,
    userInfo: () => userInfo(),
    spawnGuard,
  };
}

/** The guard gets a bare environment (no NODE_OPTIONS), no flags of ours, `/` as its folder, and a session of its own: Ctrl-C is ours to handle. */
function spawnGuard(): GuardProcess {
  const here = import.meta.url;
  const script = fileURLToPath(new URL(`../../samplers/privileged/guard${extname(here)}`, here));
  const guard = spawn(process.execPath, [script], {
    cwd: '/',
    env: { PATH: '/usr/bin:/bin:/usr/sbin:/sbin', LANG: 'C' },
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
  });
  // Whoever reads its pipes sees its end; without a listener a failed start would end the program.
  guard.on('error', () => guard.stdin.destroy());
  guard.unref();
  return guard;
}
