import { rmSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname } from 'node:path';
import type { RunGlance } from './run-state.ts';

/** What is said of a run: what it is at, and which it is. */
type Said = RunGlance & { readonly run?: string };

/** A longer one is cut short without a word. Source: sockaddr_un, 104 bytes on macOS and 108 on Linux, with the NUL. */
const MOST_PATH_B = 103;

/** What a run that can be looked at holds open. */
export interface RunBeacon {
  close(): void;
}

/**
 * Answers each connection at `path` with one line of JSON and closes it. Nothing is written anywhere while a run
 * measures, and nothing is done unless somebody asks. A run goes on where no such place can be had: null.
 */
export async function openBeacon(path: string, glance: () => Said): Promise<RunBeacon | null> {
  if (process.platform !== 'win32' && Buffer.byteLength(path) > MOST_PATH_B) return null;
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.end(`${JSON.stringify(glance())}\n`);
  });
  try {
    await mkdir(dirname(path), { recursive: true });
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(path, resolve));
  } catch (reason) {
    // The place is taken, or the file system knows no sockets: no reason not to measure.
    return reason instanceof Error ? null : Promise.reject(reason);
  }
  server.on('error', () => undefined);
  server.unref();
  const remove = (): void => rmSync(path, { force: true });
  process.once('exit', remove);
  return {
    close: () => {
      process.off('exit', remove);
      server.close();
    },
  };
}
