import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Files that the kernel makes up as they are read. Read at once, not by the thread pool: a read takes microseconds,
 * and handing each to another thread would cost the measured machine more. Nothing here throws; null: not readable.
 */
export class KernelFiles {
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  text(path: string): string | null {
    try {
      return readFileSync(join(this.#root, path), 'utf8').trim();
    } catch {
      // Gone, denied, or not of this kernel: all the same to whoever asks.
      return null;
    }
  }

  /** A whole number; null for anything else. */
  number(path: string): number | null {
    const text = this.text(path);
    return text !== null && /^-?\d+$/.test(text) ? Number(text) : null;
  }

  /** Sorted, numbers as numbers; empty where there is no such folder. */
  names(path: string): string[] {
    try {
      return readdirSync(join(this.#root, path)).sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
    } catch {
      // No such folder: nothing of this sort.
      return [];
    }
  }

  /** Names as the kernel lists them: for large folders that are read often. */
  unsorted(path: string): readonly string[] {
    try {
      return readdirSync(join(this.#root, path));
    } catch {
      // As above.
      return [];
    }
  }

  /** What a link points to. */
  link(path: string): string | null {
    try {
      return readlinkSync(join(this.#root, path));
    } catch {
      // Another user's process, or none.
      return null;
    }
  }
}
