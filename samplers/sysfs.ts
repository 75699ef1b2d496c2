import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

export const SYSFS_PATH = '/sys';

/** A file of the kernel's: its text without the end of the line, or the system's word for why there is none. */
export type SysfsText = { readonly text: string } | { readonly error: string };

/** Never throws. */
export async function sysfsText(...parts: readonly string[]): Promise<SysfsText> {
  try {
    return { text: (await readFile(join(...parts), 'utf8')).trim() };
  } catch (error) {
    return { error: error instanceof Error && 'code' in error ? String(error.code) : 'unreadable' };
  }
}

/** The word that the file holds; null where it cannot be read. */
export async function sysfsWord(...parts: readonly string[]): Promise<string | null> {
  const read = await sysfsText(...parts);
  return 'text' in read ? read.text : null;
}

/** The whole number that the file holds; null where it cannot be read or holds none. */
export async function sysfsNumber(...parts: readonly string[]): Promise<number | null> {
  const word = await sysfsWord(...parts);
  return word !== null && /^-?\d+$/.test(word) ? Number(word) : null;
}

/** Names in a folder, sorted with numbers as numbers; empty where it cannot be read. */
export async function sysfsNames(...parts: readonly string[]): Promise<string[]> {
  try {
    const names = await readdir(join(...parts));
    return names.sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  } catch {
    // No such folder: no devices of this sort.
    return [];
  }
}
