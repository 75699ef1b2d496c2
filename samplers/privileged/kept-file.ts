import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/** A file of the kernel's: its text without the end of the line, or the system's word for why there is none. */
export type FileText = { readonly text: string } | { readonly error: string };

/** The kernel shows at most a page; a number or a word is short. */
const KEPT_B = 256;

/**
 * A file that is read at every beat: opened once, then read from its beginning, which is when the kernel makes its text up
 * anew. Never throws.
 */
export class KeptFile {
  protected readonly bytes = Buffer.alloc(KEPT_B);
  readonly #path: string;
  #fd: number | null = null;

  constructor(path: string) {
    this.#path = path;
  }

  /** At once: for what the kernel itself knows, which is cheaper than to wake a thread. */
  readNow(): FileText {
    try {
      return this.textOf(readSync(this.opened(), this.bytes, 0, KEPT_B, 0));
    } catch (error) {
      return this.failed(error);
    }
  }

  close(): void {
    const fd = this.#fd;
    this.#fd = null;
    if (fd === null) return;
    try {
      closeSync(fd);
    } catch {
      // The device is gone, and its file with it: there is nothing left to close.
    }
  }

  protected opened(): number {
    // One that was taken away or replaced has no name left.
    if (this.#fd !== null && fstatSync(this.#fd).nlink === 0) this.close();
    this.#fd ??= openSync(this.#path, 'r');
    return this.#fd;
  }

  protected textOf(length: number): FileText {
    return { text: this.bytes.toString('latin1', 0, length).trim() };
  }

  protected failed(error: unknown): FileText {
    this.close();
    return { error: codeOf(error) };
  }
}

/** The system's word for an error of a file. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
}
