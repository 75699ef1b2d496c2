import { execFileSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '../..');

/** Compiles the guard as it stands, so that a real process can run it; gives the folder, laid out as the sources are. */
export function compilePrivileged(...sources: readonly string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'lmpower-test-'));
  const files = ['samplers/privileged/guard.ts', ...sources].map((source) => join(ROOT, source));
  const flags = ['--target', 'es2023', '--module', 'nodenext', '--types', 'node', '--skipLibCheck'];
  const layout = ['--rewriteRelativeImportExtensions', '--rootDir', ROOT, '--outDir', folder];
  const roots = ['--typeRoots', join(ROOT, 'node_modules/@types')];
  execFileSync(
    join(ROOT, 'node_modules/.bin/tsc'),
    [...flags, ...layout, ...roots, '--ignoreConfig', ...files],
    {
      cwd: ROOT,
    },
  );
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  return folder;
}
