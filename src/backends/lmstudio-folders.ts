import { readFile } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { isObject, parsed, textAt } from './json.ts';

/**
 * LM Studio's own folders, best first: what `~/.lmstudio-home-pointer` names, else `~/.cache/lm-studio` and `~/.lmstudio`.
 * Source: lmstudio-js findLMStudioHome.ts and lms lmstudioPaths.ts.
 */
export async function lmStudioFolders(home: string): Promise<string[]> {
  const pointer = (await textOfFile(join(home, '.lmstudio-home-pointer')))?.trim() ?? '';
  return pointer === '' ? [join(home, '.cache', 'lm-studio'), join(home, '.lmstudio')] : [pointer];
}

/** Folders that LM Studio may keep models in: the one that its settings name, and the usual ones. */
export async function lmStudioModelFolders(home: string): Promise<string[]> {
  const folders = await lmStudioFolders(home);
  const chosen = await Promise.all(folders.map((folder) => downloadsFolder(join(folder, 'settings.json'))));
  return [
    ...new Set([...chosen.filter((folder) => folder !== null), ...folders.map((one) => join(one, 'models'))]),
  ];
}

async function downloadsFolder(file: string): Promise<string | null> {
  const text = await textOfFile(file);
  const settings = text === null ? undefined : parsed(text);
  const folder = isObject(settings) ? textAt(settings, 'downloadsFolder') : null;
  return folder !== null && isAbsolute(folder) ? folder : null;
}

/** Null where the file is not there, or not ours to read: one hint less. */
export async function textOfFile(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8');
  } catch (thrown) {
    if (thrown instanceof Error) return null;
    throw thrown;
  }
}
