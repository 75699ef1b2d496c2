import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '../..');
const TOOLS = [
  'nvidia-smi',
  'amd-smi',
  'rocm-smi',
  'macmon',
  'tegrastats',
  'intel-gpu-top',
  'typeperf',
  'xpu-smi',
] as const;
export type StandInName = (typeof TOOLS)[number];

/** The stand-in tools compiled as they stand, since Node 20 runs no TypeScript; `remove` takes the folder away. */
export function compileStandIns(): {
  readonly program: (tool: StandInName) => string;
  readonly remove: () => void;
} {
  const folder = mkdtempSync(join(tmpdir(), 'lmpower-stand-ins-'));
  const flags = ['--target', 'es2023', '--module', 'nodenext', '--types', 'node', '--skipLibCheck'];
  const layout = ['--rewriteRelativeImportExtensions', '--rootDir', ROOT, '--outDir', folder];
  const roots = ['--typeRoots', join(ROOT, 'node_modules/@types'), '--ignoreConfig'];
  const sources = TOOLS.map((tool) => join(ROOT, `src/simulator/stand-in-${tool}-program.ts`));
  execFileSync(join(ROOT, 'node_modules/.bin/tsc'), [...flags, ...layout, ...roots, ...sources], {
    cwd: ROOT,
  });
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  return {
    program: (tool) => join(folder, `src/simulator/stand-in-${tool}-program.js`),
    remove: () => rmSync(folder, { recursive: true }),
  };
}
