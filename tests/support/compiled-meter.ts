import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '../..');

/** The stand-in meter compiled as it stands, since Node 20 runs no TypeScript; `remove` takes the folder away. */
export function compileMeter(): { readonly program: string; readonly remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'lmpower-meter-'));
  const flags = ['--target', 'es2023', '--module', 'nodenext', '--types', 'node', '--skipLibCheck'];
  const layout = ['--rewriteRelativeImportExtensions', '--rootDir', ROOT, '--outDir', folder];
  const roots = ['--typeRoots', join(ROOT, 'node_modules/@types'), '--ignoreConfig'];
  const source = join(ROOT, 'src/simulator/meter-program.ts');
  execFileSync(join(ROOT, 'node_modules/.bin/tsc'), [...flags, ...layout, ...roots, source], { cwd: ROOT });
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  return {
    program: join(folder, 'src/simulator/meter-program.js'),
    remove: () => rmSync(folder, { recursive: true }),
  };
}
