import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';

/** A socket that takes one caller. */
export interface LetterBox {
  readonly path: string;
  /** The caller's bytes; null when the box was closed before anybody called. */
  readonly connected: Promise<Socket | null>;
  /** Ends the caller's connection and removes socket and folder. Any number of times. */
  close(): void;
}

/**
 * Opens a socket in a new folder that only this user and root can enter (mode 0700). In /tmp, not in the folder that
 * TMPDIR names: its path goes to a shell of root's, and names of sockets may not be longer than 103 bytes on macOS.
 */
export async function openLetterBox(parent = '/tmp'): Promise<LetterBox> {
  const folder = await mkdtemp(join(parent, 'lmpower-'));
  const path = join(folder, 'meter');
  const server = createServer();
  await listening(server, path);
  let caller: Socket | null = null;
  const connected = new Promise<Socket | null>((resolve) => {
    server.once('connection', (socket) => {
      caller = socket;
      resolve(socket);
      // One caller; an open connection needs neither the socket's name nor its folder.
      removeAll(server, folder);
    });
    server.once('close', () => resolve(caller));
  });
  return {
    path,
    connected,
    close: () => {
      caller?.destroy();
      removeAll(server, folder);
    },
  };
}

function listening(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
}

function removeAll(server: Server, folder: string): void {
  if (server.listening) server.close();
  // What cannot be removed from /tmp is the system's to clean.
  rm(folder, { recursive: true, force: true }).catch(() => undefined);
}
