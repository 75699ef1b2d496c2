import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { adviceOf, findLms } from '../../src/cli/lms.ts';
import type { Surroundings } from '../../src/storage/locations.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

interface Installed {
  readonly surroundings: Surroundings;
  /** Every call so far, with the HOME that it saw. */
  calls(): Promise<string[]>;
}

/** A user whose LM Studio has this as its command line. */
async function installed(script: string): Promise<Installed> {
  const home = temporaryFolder();
  const folder = join(home, '.lmstudio', 'bin');
  const log = join(home, 'calls');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'lms'), `#!/bin/sh\necho "$HOME $*" >> '${log}'\n${script}\n`);
  await chmod(join(folder, 'lms'), 0o755);
  return {
    surroundings: { platform: 'linux', home, env: { PATH: process.env['PATH'], HOME: '/root' } },
    calls: async () => (await readFile(log, 'utf8')).replaceAll(home, '~').trim().split('\n').sort(),
  };
}

const CASES = `case "$*" in
"daemon status --json") echo '{"status":"running","pid":7,"isDaemon":true}';;
"server status --json") echo '{"running":false}'; echo 'off' >&2;;
esac`;

test('a user without LM Studio has none', async () => {
  expect(await findLms({ platform: 'linux', home: temporaryFolder(), env: {} })).toBeNull();
});

test('asking for its state calls only what starts nothing, as the user', async () => {
  const { calls, surroundings } = await installed(CASES);
  const lms = await findLms(surroundings);
  expect(await lms?.state()).toEqual({ isOpen: true, server: { isRunning: false, port: null } });
  expect(await calls()).toEqual(['~ daemon status --json', '~ server status --json']);
});

test('an older one that knows no --json says nothing', async () => {
  const { surroundings } = await installed('echo "Unknown option" >&2; exit 1');
  const state = await (await findLms(surroundings))?.state();
  expect(state).toEqual({ isOpen: null, server: null });
});

test('a start that fails says why', async () => {
  const { surroundings } = await installed('echo "line" >&2; echo "port 1234 is taken" >&2; exit 1');
  const lms = await findLms(surroundings);
  await expect(lms?.startServer()).rejects.toMatchObject({
    code: 'BACKEND_UNREACHABLE',
    message: expect.stringContaining('port 1234 is taken'),
  });
});

test.each([
  [{ isOpen: true, server: { isRunning: true, port: 1234 } }, /runs on port 1234, but it does not answer/],
  [{ isOpen: true, server: { isRunning: false, port: null } }, /is open, its server is off/],
  [{ isOpen: false, server: { isRunning: false, port: 1234 } }, /is installed, but closed/],
])('%j is told in words', (state, words) => {
  expect(adviceOf(state)?.detail).toMatch(words);
});

test('what says nothing gives no advice', () => {
  expect(adviceOf({ isOpen: null, server: null })).toBeNull();
});
