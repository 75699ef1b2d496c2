import { createHash } from 'node:crypto';
import { createReadStream, type Stats } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';
import { LmpowerError } from '../core/errors.ts';
import type { DigestMemory, FileMark } from '../storage/digest-memory.ts';

export interface DigestOptions {
  readonly memory: DigestMemory;
  /** Not given: never. */
  readonly signal?: AbortSignal;
  /** No file is read: null where one of them is not known. */
  readonly recallOnly?: boolean;
  /** Bytes read so far, of all that must be read; nothing where all is known. */
  readonly onProgress?: (read_B: number, of_B: number) => void;
}

const BLOCK_B = 4 * 1024 * 1024;
const PART = /-\d{5}-of-\d{5}\.gguf$/i;

/**
 * SHA-256 of a model as hex: of a single file over all its bytes; of a folder (MLX) or of a file in parts over its
 * manifest, one line `path\0size\0sha256\n` a file, sorted by path. Null where there is none, or it changes while it is read.
 * @throws {LmpowerError} INTERRUPTED
 */
export async function modelDigest(path: string, options: DigestOptions): Promise<string | null> {
  try {
    const files = await filesOf(path);
    if (files.length === 0) return null;
    const digests = await digestsOf(files, options);
    if (digests === null) return null;
    return files.length === 1 && files[0]?.path === path
      ? (digests[0] ?? null)
      : manifestOf(path, files, digests);
  } catch (thrown) {
    if (thrown instanceof LmpowerError) throw thrown;
    // Gone, or not ours to read: nobody can say then what it was.
    if (thrown instanceof Error) return null;
    throw thrown;
  }
}

/** Sorted by path; what begins with a dot is the downloader's, not the model's. */
async function filesOf(path: string): Promise<FileMark[]> {
  const found = await stat(path);
  if (found.isDirectory()) return marksIn(path, await readdir(path, { recursive: true }));
  if (!PART.test(path)) return [markOf(path, found)];
  const stem = basename(path).replace(PART, '');
  const siblings = await readdir(dirname(path));
  return marksIn(
    dirname(path),
    siblings.filter((name) => PART.test(name) && name.replace(PART, '') === stem),
  );
}

async function marksIn(folder: string, names: readonly string[]): Promise<FileMark[]> {
  const seen = names.filter((name) => !name.split(sep).some((part) => part.startsWith('.')));
  const found = await Promise.all(
    seen.map(async (name) => ({ path: join(folder, name), stats: await stat(join(folder, name)) })),
  );
  return found
    .filter(({ stats }) => stats.isFile())
    .map(({ path, stats }) => markOf(path, stats))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

function markOf(path: string, { ino, mtimeMs, size }: Stats): FileMark {
  return { path, size_B: size, mtime_ms: mtimeMs, inode: ino };
}

async function digestsOf(
  files: readonly FileMark[],
  { memory, signal, recallOnly, onProgress }: DigestOptions,
): Promise<string[] | null> {
  const known = files.map((file) => memory.recall(file));
  if (recallOnly === true && known.includes(null)) return null;
  const of_B = files.reduce((sum, { size_B }, place) => sum + (known[place] === null ? size_B : 0), 0);
  let read_B = 0;
  const onBytes = (block_B: number): void => {
    read_B += block_B;
    onProgress?.(read_B, of_B);
  };
  const digests: string[] = [];
  for (const [place, file] of files.entries()) {
    const sha256 = known[place] ?? (await readDigest(file, { ...(signal && { signal }), onBytes }));
    if (known[place] === null) memory.keep(file, sha256);
    digests.push(sha256);
  }
  return digests;
}

interface Reading {
  readonly signal?: AbortSignal;
  readonly onBytes: (block_B: number) => void;
}

/** @throws where the file changes while it is read */
async function readDigest(file: FileMark, { signal, onBytes }: Reading): Promise<string> {
  const hash = createHash('sha256');
  for await (const block of createReadStream(file.path, { highWaterMark: BLOCK_B })) {
    if (signal?.aborted === true) throw new LmpowerError('INTERRUPTED', `interrupted: reading ${file.path}`);
    hash.update(block);
    onBytes(block.length);
  }
  const after = markOf(file.path, await stat(file.path));
  if (after.size_B !== file.size_B || after.mtime_ms !== file.mtime_ms)
    throw new Error(`${file.path} changed while it was read`);
  return hash.digest('hex');
}

function manifestOf(path: string, files: readonly FileMark[], digests: readonly string[]): string {
  const hash = createHash('sha256');
  const base = PART.test(path) ? dirname(path) : path;
  for (const [place, file] of files.entries()) {
    const name = relative(base, file.path).split(sep).join('/');
    hash.update(`${name}\0${file.size_B}\0${digests[place] ?? ''}\n`);
  }
  return hash.digest('hex');
}
