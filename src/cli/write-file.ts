import { access, constants, open, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { LmpowerError } from '../core/errors.ts';

/** Checks, before anything is measured, that the file can be written later. @throws {LmpowerError} OUTPUT_UNWRITABLE */
export async function checkWritable(path: string): Promise<void> {
  if (path === '' || /[/\\]$/.test(path)) throw unwritable(path, 'it names no file');
  const found = await stat(path).catch(() => null);
  if (found?.isDirectory() === true) throw unwritable(path, 'it is a folder');
  if (found === null || found.isFile()) await checkFolder(path);
  if (found !== null && !(await isPermitted(path))) throw unwritable(path, 'writing to it is not permitted');
}

/** The partial file is made there. */
async function checkFolder(path: string): Promise<void> {
  const folder = dirname(await targetOf(path));
  const found = await stat(folder).catch(() => null);
  if (found === null) throw unwritable(path, `the folder ${folder} does not exist`);
  if (!found.isDirectory()) throw unwritable(path, `${folder} is not a folder`);
  if (!(await isPermitted(folder))) throw unwritable(path, `writing in ${folder} is not permitted`);
}

/** Refuses one file for two outputs: the second would replace the first. @throws {LmpowerError} USAGE, OUTPUT_UNWRITABLE */
export async function checkOutputs(paths: readonly (string | undefined)[]): Promise<void> {
  const seen = new Set<string>();
  for (const path of paths) {
    if (path === undefined) continue;
    await checkWritable(path);
    const whole = await targetOf(path);
    if (seen.has(whole)) {
      const remedy = 'give each output a file of its own';
      throw new LmpowerError('USAGE', `${path} is named for two outputs.`, { remedy });
    }
    seen.add(whole);
  }
}

/** Who may read a file that is made anew; what the system's mask forbids is taken off. */
const FOR_ALL = 0o666;

/**
 * Writes all or nothing: into a file beside it, then in its place. What is no plain file (`/dev/stdout`, a named pipe)
 * is written to as it is. @throws {LmpowerError} OUTPUT_UNWRITABLE
 */
export async function writeFileWhole(
  path: string,
  parts: Iterable<string | Uint8Array>,
  mode: number = FOR_ALL,
): Promise<void> {
  try {
    const found = await stat(path).catch(() => null);
    if (found === null || found.isFile()) await replaceFile(await targetOf(path), parts, mode);
    else await writeParts(path, parts, mode);
  } catch (cause) {
    throw unwritable(path, cause instanceof Error ? cause.message : String(cause), cause);
  }
}

async function replaceFile(path: string, parts: Iterable<string | Uint8Array>, mode: number): Promise<void> {
  const partial = resolve(dirname(path), `.${basename(path)}.partial-${process.pid}`);
  try {
    await writeParts(partial, parts, mode);
    await rename(partial, path);
  } catch (thrown) {
    await rm(partial, { force: true }).catch(() => undefined);
    throw thrown;
  }
}

async function writeParts(path: string, parts: Iterable<string | Uint8Array>, mode: number): Promise<void> {
  const file = await open(path, 'w', mode);
  try {
    for (const part of parts) await file.writeFile(part);
  } finally {
    await file.close();
  }
}

/** Where a link leads, so that the link stays one. */
async function targetOf(path: string): Promise<string> {
  return realpath(path).catch(() => resolve(path));
}

function isPermitted(path: string): Promise<boolean> {
  return access(path, constants.W_OK).then(
    () => true,
    () => false,
  );
}

function unwritable(path: string, why: string, cause?: unknown): LmpowerError {
  return new LmpowerError(
    'OUTPUT_UNWRITABLE',
    `${path === '' ? 'an empty name' : path} cannot be written: ${why}.`,
    cause === undefined ? {} : { cause },
  );
}
