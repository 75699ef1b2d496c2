import { userInfo } from 'node:os';
import { posix, win32 } from 'node:path';
import { LmpowerError } from '../core/errors.ts';

/** What the place of the store depends on. */
export interface Surroundings {
  readonly platform: NodeJS.Platform;
  /** Of the user who will own the file, from the user database: HOME may still be root's after a drop. */
  readonly home: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

const FILE = 'lmpower.db';

/** The platform's folder for programs' files. Source: XDG Base Directory 0.8; Apple File System Programming Guide; Known Folders. */
export function storeFolder({ platform, home, env }: Surroundings): string {
  if (platform === 'win32') {
    return win32.join(absolute(env['APPDATA'], win32) ?? win32.join(home, 'AppData', 'Roaming'), 'lmpower');
  }
  if (platform === 'darwin') return posix.join(home, 'Library', 'Application Support', 'lmpower');
  return posix.join(absolute(env['XDG_DATA_HOME'], posix) ?? posix.join(home, '.local', 'share'), 'lmpower');
}

/** The platform's folder for what a person sets: configuration and presets. Source: as above. */
export function configFolder(surroundings: Surroundings): string {
  const { platform, home, env } = surroundings;
  if (platform === 'win32' || platform === 'darwin') return storeFolder(surroundings);
  return posix.join(absolute(env['XDG_CONFIG_HOME'], posix) ?? posix.join(home, '.config'), 'lmpower');
}

/** The store that is used unless `--db` names another. */
export function defaultStorePath(surroundings: Surroundings): string {
  const path = surroundings.platform === 'win32' ? win32 : posix;
  return path.join(storeFolder(surroundings), FILE);
}

/** This machine and the user whom the process now runs as. @throws {LmpowerError} STORE_UNWRITABLE without a home */
export function readSurroundings(): Surroundings {
  try {
    return { platform: process.platform, home: userInfo().homedir, env: process.env };
  } catch (cause) {
    throw new LmpowerError('STORE_UNWRITABLE', 'this user has no home folder', {
      remedy: 'name a file for the recordings: --db FILE',
      cause,
    });
  }
}

/** A relative path in these variables is to be ignored, says XDG. */
function absolute(folder: string | undefined, path: typeof posix): string | undefined {
  return folder !== undefined && path.isAbsolute(folder) ? folder : undefined;
}
