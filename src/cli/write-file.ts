import { access, constants, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { LmpowerError } from '../core/errors.ts';

/** Checks, before anything is measured, that the file can be written later. @throws {LmpowerError} OUTPUT_UNWRITABLE */
export async function checkWritable(path: string): Promise<void> {
  const folder = dirname(resolve(path));
  const found = await stat(path).catch(() => null);
  if (found?.isDirectory() === true) throw unwritable(path, 'it is a folder');
  const target = found === null ? folder : path;
  try {
    await access(target, constants.W_OK);
  } catch (cause) {
    const missing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
    throw unwritable(
      path,
      missing ? `the folder ${folder} does not exist` : 'writing there is not permitted',
      cause,
    );
  }
}

/** Writes all or nothing: into a file beside it, then in its place. @throws {LmpowerError} OUTPUT_UNWRITABLE */
export async function writeFileWhole(path: string, parts: Iterable<string | Uint8Array>): Promise<void> {
  const partial = `${path}.partial-${process.pid}`;
  try {
    const file = await open(partial, 'w');
    try {
      for (const part of parts) await file.write(typeof part === 'string' ? Buffer.from(part) : part);
    } finally {
      await file.close();
    }
    await rename(partial, path);
  } catch (cause) {
    await rm(partial, { force: true });
    throw unwritable(path, cause instanceof Error ? cause.message : String(cause), cause);
  }
}

function unwritable(path: string, why: string, cause?: unknown): LmpowerError {
  return new LmpowerError(
    'OUTPUT_UNWRITABLE',
    `${path} cannot be written: ${why}.`,
    cause === undefined ? {} : { cause },
  );
}
