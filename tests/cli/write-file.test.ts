import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { lstat, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { checkOutputs, checkWritable, writeFileWhole } from '../../src/cli/write-file.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const IS_ROOT = process.getuid?.() === 0;
const unwritable = (why: string | RegExp): object => ({
  code: 'OUTPUT_UNWRITABLE',
  exitCode: 2,
  message: expect.stringMatching(why),
});

describe('checkWritable', () => {
  test('accepts a new file and an old one, and makes neither', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'old'), 'before');
    await checkWritable(join(folder, 'old'));
    await checkWritable(join(folder, 'new'));
    expect(readdirSync(folder)).toEqual(['old']);
    expect(readFileSync(join(folder, 'old'), 'utf8')).toBe('before');
  });

  test.each([
    ['a folder', (folder: string) => folder, 'it is a folder'],
    ['a folder to be', (folder: string) => `${folder}/new/`, 'it names no file'],
    ['nothing', () => '', 'an empty name cannot be written'],
    ['a missing folder', (folder: string) => join(folder, 'a', 'b.json'), 'does not exist'],
    ['a file as folder', (folder: string) => join(folder, 'plain', 'b.json'), 'plain is not a folder'],
  ])('refuses %s', async (_what, pathIn, why) => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'plain'), '');
    await expect(checkWritable(pathIn(folder))).rejects.toMatchObject(unwritable(why));
  });

  test.skipIf(IS_ROOT)('refuses a folder and a file that may not be written', async () => {
    const folder = temporaryFolder();
    const closed = join(folder, 'closed');
    mkdirSync(closed);
    chmodSync(closed, 0o500);
    await expect(checkWritable(join(closed, 'x'))).rejects.toMatchObject(unwritable('not permitted'));
    chmodSync(closed, 0o700);
    writeFileSync(join(folder, 'locked'), '', { mode: 0o400 });
    await expect(checkWritable(join(folder, 'locked'))).rejects.toMatchObject(unwritable('not permitted'));
  });
});

describe('checkOutputs', () => {
  test('accepts outputs that were not asked for', async () => {
    await expect(checkOutputs([undefined, undefined])).resolves.toBeUndefined();
  });

  test('refuses one file for two outputs, by whatever path', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'sub'));
    await expect(checkOutputs([join(folder, 'x'), undefined, `${folder}/sub/../x`])).rejects.toMatchObject({
      code: 'USAGE',
    });
  });
});

describe('writeFileWhole', () => {
  test('writes all parts in order and leaves nothing beside the file', async () => {
    const folder = temporaryFolder();
    await writeFileWhole(join(folder, 'out'), ['a', Buffer.from('b'), 'ü']);
    expect(readFileSync(join(folder, 'out'), 'utf8')).toBe('abü');
    expect(readdirSync(folder)).toEqual(['out']);
  });

  test('keeps the old file, and no partial one, when a part fails to come', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'out');
    writeFileSync(path, 'before');
    const parts = function* (): Generator<string> {
      yield 'half';
      throw new Error('the source broke');
    };
    await expect(writeFileWhole(path, parts())).rejects.toMatchObject(unwritable('the source broke'));
    expect(readFileSync(path, 'utf8')).toBe('before');
    expect(readdirSync(folder)).toEqual(['out']);
  });

  test('leaves no partial file where the target is a folder', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'sub'));
    await expect(writeFileWhole(join(folder, 'sub'), ['x'])).rejects.toMatchObject(unwritable(/EISDIR/));
    expect(readdirSync(folder)).toEqual(['sub']);
    expect(readdirSync(join(folder, 'sub'))).toEqual([]);
  });

  test('writes through a link, which stays one', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'real'), 'before');
    symlinkSync(join(folder, 'real'), join(folder, 'link'));
    await writeFileWhole(join(folder, 'link'), ['after']);
    expect((await lstat(join(folder, 'link'))).isSymbolicLink()).toBe(true);
    expect(readFileSync(join(folder, 'real'), 'utf8')).toBe('after');
  });

  test.skipIf(!existsSync('/dev/null'))('writes to a device without replacing it', async () => {
    await checkWritable('/dev/null');
    await writeFileWhole('/dev/null', ['gone']);
    expect((await stat('/dev/null')).isCharacterDevice()).toBe(true);
  });
});
