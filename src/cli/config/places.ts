import { join } from 'node:path';
import { configFolder, readSurroundings } from '../../storage/locations.ts';

/** What the configuration is read from. */
export interface ConfigPlaces {
  /** The user's folder: `config.json` and `presets/`. */
  readonly folder: string;
  /** Folder that the command was called in. */
  readonly project: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export const PROJECT_FILE = 'lmpower.config.json';

/** Of this process. @throws {LmpowerError} STORE_UNWRITABLE for a user without a home */
export function configPlaces(): ConfigPlaces {
  return { folder: configFolder(readSurroundings()), project: process.cwd(), env: process.env };
}

export function userFile({ folder }: ConfigPlaces): string {
  return join(folder, 'config.json');
}

export function projectFile({ project }: ConfigPlaces): string {
  return join(project, PROJECT_FILE);
}

export function presetFolder({ folder }: ConfigPlaces): string {
  return join(folder, 'presets');
}
