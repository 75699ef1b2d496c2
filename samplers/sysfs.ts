import { read } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { codeOf, type FileText, KeptFile } from './privileged/kept-file.ts';

export const SYSFS_PATH = '/sys';

/** Never throws. */
export async function sysfsText(...parts: readonly string[]): Promise<FileText> {
  try {
    return { text: (await readFile(join(...parts), 'utf8')).trim() };
  } catch (error) {
    return { error: codeOf(error) };
  }
}

const readFrom = promisify(read);

/** A kept file of a driver's, which may take its time to ask the device: read by the thread pool. Never throws. */
export class DriverFile extends KeptFile {
  async read(): Promise<FileText> {
    try {
      const { bytesRead } = await readFrom(this.opened(), this.bytes, 0, this.bytes.length, 0);
      return this.textOf(bytesRead);
    } catch (error) {
      return this.failed(error);
    }
  }
}

/** The word that was read; null where there was none to read. */
export function wordIn(read: FileText): string | null {
  return 'text' in read ? read.text : null;
}

/** The whole number that was read; null where none was. */
export function numberIn(read: FileText): number | null {
  const word = wordIn(read);
  return word !== null && /^-?\d+$/.test(word) ? Number(word) : null;
}

export async function sysfsWord(...parts: readonly string[]): Promise<string | null> {
  return wordIn(await sysfsText(...parts));
}

export async function sysfsNumber(...parts: readonly string[]): Promise<number | null> {
  return numberIn(await sysfsText(...parts));
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
