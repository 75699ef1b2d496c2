import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { join } from 'node:path';
import { lmStudioFolders } from '../backends/lmstudio-folders.ts';
import { LmpowerError } from '../core/errors.ts';
import { MS_PER_S } from '../core/units.ts';
import { readSurroundings, type Surroundings } from '../storage/locations.ts';

/** What LM Studio's own command line says of it, without starting anything. Null: it does not say. */
export interface LmStudioState {
  readonly isOpen: boolean | null;
  readonly server: { readonly isRunning: boolean; readonly port: number | null } | null;
}

/** LM Studio's command line. */
export interface Lms {
  state(): Promise<LmStudioState>;
  /** Opens LM Studio where it is closed, and starts its server. @throws {LmpowerError} BACKEND_UNREACHABLE */
  startServer(): Promise<void>;
  stopServer(): Promise<void>;
}

const QUESTION_s = 5;
/** It waits up to a minute for LM Studio to open. Source: lms, `Waking up LM Studio service`. */
const START_s = 90;

/** The `lms` of this user; null where there is none. */
export async function findLms(surroundings: Surroundings = readSurroundings()): Promise<Lms | null> {
  const name = surroundings.platform === 'win32' ? 'lms.exe' : 'lms';
  for (const folder of await lmStudioFolders(surroundings.home)) {
    const path = join(folder, 'bin', name);
    if (await isProgram(path)) return lmsAt(path, surroundings);
  }
  return null;
}

async function isProgram(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

function lmsAt(path: string, { env, home }: Surroundings): Lms {
  // Under sudo HOME may still be root's.
  const call = { path, env: { ...env, HOME: home } };
  return {
    state: async () => {
      const [daemon, server] = await Promise.all([
        run(call, ['daemon', 'status', '--json'], QUESTION_s),
        run(call, ['server', 'status', '--json'], QUESTION_s),
      ]);
      return { isOpen: isOpenIn(parsed(daemon.text)), server: serverIn(parsed(server.text)) };
    },
    startServer: async () => {
      const { failure } = await run(call, ['server', 'start'], START_s);
      if (failure === null) return;
      throw new LmpowerError('BACKEND_UNREACHABLE', `lms server start failed: ${failure}`, {
        remedy: 'start the server in LM Studio, then: lmpower doctor',
      });
    },
    stopServer: async () => {
      await run(call, ['server', 'stop'], QUESTION_s);
    },
  };
}

interface Call {
  readonly path: string;
  readonly env: NodeJS.ProcessEnv;
}

interface Said {
  readonly text: string;
  /** Last line of what it complained of; null: it went well. */
  readonly failure: string | null;
}

function run({ env, path }: Call, words: readonly string[], limit_s: number): Promise<Said> {
  const options = { env, timeout: limit_s * MS_PER_S, killSignal: 'SIGKILL', windowsHide: true } as const;
  return new Promise((resolve) => {
    execFile(path, words, options, (error, stdout, stderr) => {
      const failure = error === null ? null : (stderr.trim().split('\n').at(-1) ?? '') || error.message;
      resolve({ text: stdout, failure });
    });
  });
}

/** Source: lms, `daemon status --json`. */
function isOpenIn(said: object): boolean | null {
  if (!('status' in said)) return null;
  return said.status === 'running';
}

/** Source: lms, `server status --json`; the port is left out where the server never ran. */
function serverIn(said: object): LmStudioState['server'] {
  if (!('running' in said) || typeof said.running !== 'boolean') return null;
  return {
    isRunning: said.running,
    port: 'port' in said && typeof said.port === 'number' ? said.port : null,
  };
}

function parsed(text: string): object {
  try {
    const json: unknown = JSON.parse(text);
    return typeof json === 'object' && json !== null ? json : {};
  } catch (thrown) {
    // Older ones know no --json, and say it in words.
    if (thrown instanceof SyntaxError) return {};
    throw thrown;
  }
}

/** What to say and to type where LM Studio does not answer, as its own command line sees it; null: it sees nothing of use. */
export function adviceOf({ isOpen, server }: LmStudioState): { detail: string; remedy: string } | null {
  if (server?.isRunning === true) {
    const port = server.port === null ? '' : ` on port ${server.port}`;
    return {
      detail: `LM Studio says that its server runs${port}, but it does not answer`,
      remedy: 'restart the server in LM Studio (lms server stop; lms server start), then: lmpower doctor',
    };
  }
  if (server === null && isOpen === null) return null;
  return {
    detail: isOpen === true ? 'LM Studio is open, its server is off' : 'LM Studio is installed, but closed',
    remedy: 'lms server start, or: lmpower run --start-server',
  };
}
