import { closeSync, fstatSync, openSync, read, readSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

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

const readFrom = promisify(read);

/** The kernel shows at most a page; a number has some twenty digits. */
const KEPT_B = 256;

/**
 * A file that is read at every beat: opened once, then read from its beginning, which is when the kernel makes its text up
 * anew. Never throws.
 */
export class KeptFile {
  readonly #path: string;
  readonly #bytes = Buffer.alloc(KEPT_B);
  #fd: number | null = null;

  constructor(path: string) {
    this.#path = path;
  }

  /** By the thread pool, since a driver may take its time to ask the device. */
  async read(): Promise<SysfsText> {
    try {
      const { bytesRead } = await readFrom(this.#opened(), this.#bytes, 0, KEPT_B, 0);
      return this.#textOf(bytesRead);
    } catch (error) {
      return this.#failed(error);
    }
  }

  /** At once: for what the kernel itself knows, which is cheaper than to wake a thread. */
  readNow(): SysfsText {
    try {
      return this.#textOf(readSync(this.#opened(), this.#bytes, 0, KEPT_B, 0));
    } catch (error) {
      return this.#failed(error);
    }
  }

  close(): void {
    const fd = this.#fd;
    this.#fd = null;
    if (fd === null) return;
    try {
      closeSync(fd);
    } catch {
      // The device is gone: there is nothing left to close.
    }
  }

  #opened(): number {
    // One that was taken away or replaced has no name left.
    if (this.#fd !== null && fstatSync(this.#fd).nlink === 0) this.close();
    this.#fd ??= openSync(this.#path, 'r');
    return this.#fd;
  }

  #textOf(length: number): SysfsText {
    return { text: this.#bytes.toString('latin1', 0, length).trim() };
  }

  #failed(error: unknown): SysfsText {
    this.close();
    return { error: wordOf(error) };
  }
}

/** The word that was read; null where there was none to read. */
export function wordIn(read: SysfsText): string | null {
  return 'text' in read ? read.text : null;
}

/** The whole number that was read; null where none was. */
export function numberIn(read: SysfsText): number | null {
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
