import { readdir } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { type Surroundings, storeFolder } from '../../storage/locations.ts';
import type { RunGlance } from './run-state.ts';

const NAME = /^run-\d+\.sock$/;
/** More than any glance: what sends more is no run of ours. */
const MOST_CHARACTERS = 8192;
const TIMEOUT_MS = 500;

/** Where the run of a process can be looked at. */
export function beaconPath(surroundings: Surroundings, pid: number): string {
  return surroundings.platform === 'win32'
    ? `\\\\.\\pipe\\lmpower-run-${pid}`
    : join(storeFolder(surroundings), `run-${pid}.sock`);
}

/** Places where a run of this user may be looked at; one that ended by force may have left its own behind. */
export async function beaconPaths(surroundings: Surroundings): Promise<string[]> {
  const isWindows = surroundings.platform === 'win32';
  const folder = isWindows ? '\\\\.\\pipe\\' : storeFolder(surroundings);
  const names = await readdir(folder).catch(() => []);
  const own = isWindows ? /^lmpower-run-\d+$/ : NAME;
  return names
    .filter((name) => own.test(name))
    .map((name) => (isWindows ? folder + name : join(folder, name)));
}

/** What the first run that answers is at; null where none does. */
export async function findRun(surroundings: Surroundings): Promise<RunGlance | null> {
  for (const path of await beaconPaths(surroundings)) {
    const glance = glanceOf(await answerAt(path));
    if (glance !== null) return glance;
  }
  return null;
}

/** Whether the run of that id is under way in a process of this user. */
export async function isUnderWay(surroundings: Surroundings, runId: string): Promise<boolean> {
  for (const path of await beaconPaths(surroundings)) {
    if (objectIn(await answerAt(path))['run'] === runId) return true;
  }
  return false;
}

/** All that is sent until the other side closes; empty where nobody answers. */
function answerAt(path: string): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    const socket = connect(path);
    const end = (answer: string): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.setEncoding('utf8');
    socket.setTimeout(TIMEOUT_MS, () => end(''));
    socket.on('data', (part: string) => {
      text += part;
      if (text.length > MOST_CHARACTERS) end('');
    });
    socket.on('end', () => end(text));
    socket.on('error', () => end(''));
  });
}

/** Nothing that another process says is taken as it is. */
function glanceOf(text: string): RunGlance | null {
  const said = objectIn(text);
  const phase = said['phase'];
  const elapsed_s = numberIn(said['elapsed_s']);
  const remaining_s = numberIn(said['remaining_s']);
  const tokens = numberIn(said['tokens']);
  if (typeof phase !== 'string' || elapsed_s === null || remaining_s === null || tokens === null) return null;
  return {
    ...{ phase, elapsed_s, remaining_s, tokens },
    model: textIn(said['model']),
    prompt: textIn(said['prompt']),
    trial: numberIn(said['trial']),
    trials: numberIn(said['trials']),
    planned_s: numberIn(said['planned_s']),
    tokPerS: numberIn(said['tokPerS']),
    energy_J: numberIn(said['energy_J']),
    domain: textIn(said['domain']),
  };
}

function objectIn(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {};
  } catch (reason) {
    if (reason instanceof SyntaxError) return {};
    throw reason;
  }
}

function numberIn(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

function textIn(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
