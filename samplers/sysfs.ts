import { fstatSync } from 'node:fs';
import { type FileHandle, open, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

export const SYSFS_PATH = '/sys';

/** A file of the kernel's: its text without the end of the line, or the system's word for why there is none. */
export type SysfsText = { readonly text: string } | { readonly error: string };

/** Never throws. */
export async function sysfsText(...parts: readonly string[]): Promise<SysfsText> {
  try {
    return { text: (await readFile(join(...parts), 'utf8')).trim() };
  } catch (error) {
    return { error: wordOf(error) };
  }
}

function wordOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
}

/** The kernel shows at most a page; a number has some twenty digits. */
const KEPT_B = 256;

/**
 * A file that is read at every beat: opened once, then read from its beginning, which is when the kernel makes its text up
 * anew. Read by the thread pool, since a driver may take its time. Never throws.
 */
export class KeptFile {
  readonly #path: string;
  readonly #bytes = Buffer.alloc(KEPT_B);
  #handle: FileHandle | null = null;

  constructor(path: string) {
    this.#path = path;
  }

  async read(): Promise<SysfsText> {
    try {
      // One that was taken away or replaced has no name left.
      if (this.#handle !== null && fstatSync(this.#handle.fd).nlink === 0) await this.close();
      this.#handle ??= await open(this.#path);
      const { bytesRead } = await this.#handle.read(this.#bytes, 0, KEPT_B, 0);
      return { text: this.#bytes.toString('latin1', 0, bytesRead).trim() };
    } catch (error) {
      await this.close();
      return { error: wordOf(error) };
    }
  }

  async close(): Promise<void> {
    const handle = this.#handle;
    this.#handle = null;
    // The device is gone: there is nothing left to close.
    await handle?.close().catch(() => undefined);
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
