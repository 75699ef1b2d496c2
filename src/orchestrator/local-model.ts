import { stat } from 'node:fs/promises';
import { isAbsolute, relative, resolve } from 'node:path';
import type { Model } from '../core/run.ts';

/**
 * The model's file or folder on this machine: the path that the server names, or below one of the folders that it keeps
 * models in. Null where it names none, or where nothing is there.
 */
export async function localModelPath(
  { path, remote }: Pick<Model, 'path' | 'remote'>,
  folders: readonly string[],
): Promise<string | null> {
  if (path === undefined || path === '' || remote) return null;
  const places = isAbsolute(path) ? [path] : folders.flatMap((folder) => below(folder, path));
  for (const place of places) if (await exists(place)) return place;
  return null;
}

/** Nothing where the path leads out of the folder. */
function below(folder: string, path: string): string[] {
  const place = resolve(folder, path);
  const way = relative(folder, place);
  return way === '' || way.startsWith('..') || isAbsolute(way) ? [] : [place];
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
