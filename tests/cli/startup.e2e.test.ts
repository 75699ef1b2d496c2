import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { cli } from '../support/cli.ts';

const LISTER = pathToFileURL(join(import.meta.dirname, '../support/list-modules.mjs')).href;
const HEAVY =
  /^(zod|execa|better-sqlite3|vega|vega-lite|vega-interpreter|undici|@lmstudio\/.*|ws|plist|simple-statistics|@vscode\/.*)$/;

const folder = mkdtempSync(join(tmpdir(), 'lmpower-startup-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Packages of which a module was loaded, and how many of our own modules were. */
async function loadedBy(...args: string[]): Promise<{ packages: string[]; own: string[] }> {
  const { stderr } = await cli(args, { folder, node: ['--import', LISTER] });
  const urls: string[] = JSON.parse(/^modules: (.*)$/m.exec(stderr)?.[1] ?? '');
  const packages = urls.flatMap((url) => /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url)?.[1] ?? []);
  return {
    packages: [...new Set(packages)].sort(),
    own: urls.filter((url) => url.includes('/dist/') && !url.includes('node_modules')),
  };
}

describe('what a command does not use it does not load', () => {
  test('--version loads nothing but the entry', async () => {
    const { own, packages } = await loadedBy('--version');
    expect(packages).toEqual([]);
    expect(own.map((url) => url.replace(/.*\/dist\//, ''))).toEqual([
      'src/cli/main.js',
      'src/cli/elevation.js',
    ]);
  });

  test.each([['--help'], ['run --help'], ['rnu'], ['explain FEW_SAMPLES']])(
    '%s loads commander alone',
    async (words) => {
      expect((await loadedBy(...words.split(' '))).packages).toEqual(['commander']);
    },
  );

  test.each<[string, readonly string[]]>([
    ['runs', ['better-sqlite3']],
    ['analyze latest', ['better-sqlite3', 'simple-statistics']],
    ['workloads', ['zod']],
    ['sample --sampler synthetic --samples 1 --interval 20', ['execa', 'plist', '@vscode/sudo-prompt']],
  ])('%s loads no heavy package but %j', async (words, allowed) => {
    const { packages } = await loadedBy(...words.split(' '));
    expect(packages).toContain('commander');
    if (words === 'runs') expect(packages).toContain('better-sqlite3');
    expect(packages.filter((name) => HEAVY.test(name) && !allowed.includes(name))).toEqual([]);
  });
});

describe.skipIf(process.getuid?.() !== 0)('the entry as root', () => {
  test('refuses a SUDO_UID that is none before it loads anything', async () => {
    const env = { SUDO_UID: 'ada', SUDO_GID: '20' };
    const { code, stderr, stdout } = await cli(['doctor'], { env, folder });
    const listed = await cli(['doctor'], { env, folder, node: ['--import', LISTER] });
    expect(listed.stderr).not.toContain('node_modules');
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
    expect(stderr).toMatch(/^lmpower: SUDO_UID and SUDO_GID do not name a user.*\n {2}→ .*sudo lmpower.*\n$/);
  });
});
