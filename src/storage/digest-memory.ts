import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Surroundings, storeFolder } from './locations.ts';

const FILE = 'digests.json';
/** Models come and go; the oldest of more than so many files are forgotten. */
const MOST_FILES = 5000;

/** What tells that a file is as it was when it was read. */
export interface FileMark {
  readonly path: string;
  readonly size_B: number;
  readonly mtime_ms: number;
  readonly inode: number;
}

type Entry = readonly [path: string, size_B: number, mtime_ms: number, inode: number, sha256: string];

/** SHA-256 of files that were read before, in the user's data folder. A file of it that cannot be read is as good as none. */
export interface DigestMemory {
  recall(mark: FileMark): string | null;
  keep(mark: FileMark, sha256: string): void;
}

/** Where the digests are kept. */
export function digestsPath(surroundings: Surroundings): string {
  return join(storeFolder(surroundings), FILE);
}

export function openDigestMemory(path: string): DigestMemory {
  const entries = new Map(readEntries(path).map((entry) => [entry[0], entry]));
  return {
    recall: (mark) => {
      const entry = entries.get(mark.path);
      if (entry === undefined) return null;
      const [, size_B, mtime_ms, inode, sha256] = entry;
      const isSame = size_B === mark.size_B && mtime_ms === mark.mtime_ms && inode === mark.inode;
      return isSame ? sha256 : null;
    },
    keep: ({ inode, mtime_ms, path: file, size_B }, sha256) => {
      entries.delete(file);
      entries.set(file, [file, size_B, mtime_ms, inode, sha256]);
      writeEntries(path, [...entries.values()].slice(-MOST_FILES));
    },
  };
}

function readEntries(path: string): Entry[] {
  try {
    const json: unknown = JSON.parse(readFileSync(path, 'utf8'));
    return Array.isArray(json) ? json.filter(isEntry) : [];
  } catch (thrown) {
    // Missing at first, or damaged: what it held is found again by reading the models.
    if (thrown instanceof Error) return [];
    throw thrown;
  }
}

function isEntry(value: unknown): value is Entry {
  if (!Array.isArray(value)) return false;
  const [path, size_B, mtime_ms, inode, sha256] = value;
  const numbers = [size_B, mtime_ms, inode];
  return (
    typeof path === 'string' &&
    numbers.every((number) => typeof number === 'number') &&
    typeof sha256 === 'string' &&
    /^[0-9a-f]{64}$/.test(sha256)
  );
}

/** All or nothing; a folder that cannot be written costs the next run its time, and no more. */
function writeEntries(path: string, entries: readonly Entry[]): void {
  const partial = `${path}.${process.pid}.partial`;
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeFileSync(partial, `${JSON.stringify(entries)}\n`);
    renameSync(partial, path);
  } catch (thrown) {
    if (!(thrown instanceof Error)) throw thrown;
    if (existsSync(partial)) rmSync(partial);
  }
}
