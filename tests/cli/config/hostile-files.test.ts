import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readConfigFile } from '../../../src/cli/config/read-file.ts';
import { LmpowerError } from '../../../src/core/errors.ts';
import { vocabulary } from '../../support/commands.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const words = vocabulary();

/** What is said of a file that `make` puts at a path. */
async function refusal(make: (path: string) => void): Promise<LmpowerError> {
  const path = join(temporaryFolder(), 'config.json');
  make(path);
  try {
    await readConfigFile(path, words);
  } catch (thrown) {
    if (thrown instanceof LmpowerError) return thrown;
    throw thrown;
  }
  throw new Error('nothing was refused');
}

const refusalOf = (text: string): Promise<LmpowerError> => refusal((path) => writeFileSync(path, text));

function makeLarge(path: string): void {
  writeFileSync(path, '{}');
  truncateSync(path, 1e8);
}

describe('a file that is none', () => {
  test.each<[string, (path: string) => void, RegExp]>([
    ['a folder', (path) => mkdirSync(path), /no plain file/],
    ['100 MB', makeLarge, /100000000 bytes/],
    ['empty', (path) => writeFileSync(path, ''), /config\.json:1: not JSON/],
  ])('%s', async (_title, make, message) => {
    expect(await refusal(make)).toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringMatching(message),
    });
  });

  test.skipIf(process.platform === 'win32').each<[string, (path: string) => void]>([
    ['a pipe that nobody writes to', (path) => void execFileSync('mkfifo', [path])],
    ['a link to what has no end', (path) => symlinkSync('/dev/zero', path)],
  ])('%s', async (_title, make) => {
    expect((await refusal(make)).message).toMatch(/no plain file/);
  });

  test.skipIf(process.platform === 'win32')('a folder that is a file has none', async () => {
    expect(await readConfigFile('/dev/null/lmpower/config.json', words)).toBeNull();
  });
});

describe('odd text', () => {
  test('a byte order mark and CRLF do not move the line that is named', async () => {
    const error = await refusalOf('\uFEFF{\r\n"run": {\r\n"trials": "x"}}');
    expect(error.message).toMatch(/config\.json:3: run\.trials/);
  });

  test('a section that is said twice is not half forgotten', async () => {
    const error = await refusalOf('{"run": {"trials": 5},\n "run": {"warmup": false}}');
    expect(error.message).toMatch(/config\.json:2: run is said twice/);
    expect((await refusalOf('{"run": {"trials": 5, "trials": 6}}')).message).toMatch(
      /run\.trials is said twice/,
    );
  });

  test.each(['constructor', 'toString', '__proto__', 'hasOwnProperty'])(
    'the object’s own %s is no key',
    async (name) => {
      for (const text of [
        `{"${name}": {"host": "x"}}`,
        `{"run": {"${name}": 1}}`,
        `{"backends": {"${name}": {"host": "x"}}}`,
        `{"backends": {"ollama": {"${name}": {"host": "x", "ports": "any"}}}}`,
      ])
        expect(await refusalOf(text)).toMatchObject({
          code: 'CONFIG_INVALID',
          message: expect.stringContaining('is not known'),
        });
    },
  );

  test('values of any depth and length are told in a few words', async () => {
    const deep = '['.repeat(50_000) + ']'.repeat(50_000);
    expect((await refusalOf(`{"run": {"temperature": ${deep}}}`)).message).toMatch(/not a list\.$/);
    const long = `"${'x'.repeat(100_000)}"`;
    expect((await refusalOf(`{"run": {"warmup": ${long}}}`)).message.length).toBeLessThan(300);
  });

  test('a hundred files that each extend the next twice end soon', async () => {
    const folder = temporaryFolder();
    for (let n = 0; n < 100; n++)
      writeFileSync(
        join(folder, `${n}.json`),
        JSON.stringify({ extends: [`${n + 1}.json`, `${n + 1}.json`] }),
      );
    writeFileSync(join(folder, '100.json'), '{}');
    await expect(readConfigFile(join(folder, '0.json'), words)).rejects.toThrow(/more than 50 files/);
  });
});

describe('a token is not told', () => {
  test.each([
    '{"backends": {"ollama": {"token": ["lms_secret"]}}}',
    '{"backends": {"ollama": {"token": "lms_secret",}}}',
    '{"backends": {"ollama": {"token": "lms_secret" "x"}}}',
    '{"backends": {"ollama": {"token": lms_secret}}}',
  ])('%s', async (text) => {
    const error = await refusalOf(text);
    const all = [error.message, error.remedy, error.stack, String(error.cause ?? '')].join();
    expect(all).not.toMatch(/secret|lms_/);
  });
});
