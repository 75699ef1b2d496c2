import { stat } from 'node:fs/promises';
import { join } from 'node:path';

/** `output` itself, or `name` in that folder. */
export async function pathUnder(output: string, name: string): Promise<string> {
  return (await isFolderPath(output)) ? join(output, name) : output;
}

/** A folder that is there, or what ends as one. */
export async function isFolderPath(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => null);
  return found?.isDirectory() ?? /[\\/]$/.test(path);
}
