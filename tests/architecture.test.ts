import { readdirSync, readFileSync, statSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { describe, expect, test } from 'vitest';

/** Which of our folders and which packages each folder may import; DESIGN §3. `node:` is allowed everywhere. */
const MAY_IMPORT: Record<string, { own: readonly string[]; packages: readonly string[] }> = {
  'src/core/schemas': { own: ['src/core'], packages: ['zod'] },
  'src/core': { own: [], packages: [] },
  'samplers/privileged': { own: [], packages: [] },
  samplers: { own: ['src/core', 'samplers/privileged'], packages: ['execa', 'plist', '@vscode/sudo-prompt'] },
  'src/recording': { own: ['src/core', 'samplers', 'src/storage'], packages: [] },
  'src/backends': { own: ['src/core'], packages: ['@lmstudio/sdk', 'undici'] },
  'src/orchestrator': {
    own: ['src/core', 'src/core/schemas', 'src/recording', 'src/backends', 'src/storage'],
    packages: [],
  },
  'src/analyzer': { own: ['src/core'], packages: ['simple-statistics'] },
  reports: { own: ['src/core'], packages: [] },
  'src/rendering': {
    own: ['src/core', 'reports'],
    packages: [
      'vega',
      'vega-lite',
      'vega-interpreter',
      '@resvg/resvg-js',
      'pdfkit',
      'svg-to-pdfkit',
      'hyparquet-writer',
      '@opentelemetry/api',
      '@opentelemetry/sdk-metrics',
      '@opentelemetry/resources',
      '@opentelemetry/exporter-metrics-otlp-http',
    ],
  },
  'src/storage': { own: ['src/core'], packages: ['better-sqlite3'] },
  'src/simulator': { own: ['src/core', 'src/core/schemas'], packages: ['ws'] },
  'src/cli': {
    own: [
      'src/core',
      'src/core/schemas',
      'samplers',
      'samplers/privileged',
      'src/recording',
      'src/backends',
      'src/orchestrator',
      'src/storage',
      'src/analyzer',
      'reports',
      'src/rendering',
      'src/simulator',
    ],
    packages: ['commander'],
  },
};

/** Files that may pass 300 lines because they are one table. */
const LONG_TABLES: readonly string[] = ['src/core/codes.ts'];

/** Number fields of `src/core` types without a unit, because they have none. */
const DIMENSIONLESS = new Set([
  'rails',
  'rank',
  'coverage',
  'publications',
  'closure',
  'index',
  'repetition',
  'n',
  'df',
  'count',
  'version',
  'schemaVersion',
  'methodVersion',
  'trials',
  'cores',
  'temperature',
  'topP',
  'topK',
  'minP',
  'repeatPenalty',
  'seed',
  'orderSeed',
  'parallel',
  'gpuOffload',
  'bitsPerWeight',
  'systematicRatio',
  'tokens',
  'value',
  'spread',
  'ci95',
  'requested',
  'effective',
  'share',
  'requests',
  'trial',
  'varianceInflation',
  'ciRatio',
  'leastTrials',
  'mostTrials',
]);
const UNIT_SUFFIX = /_(J|W|s|ms|ns|B|tok|Hz|MHz|C|JPerTok)$|(tokPerS|TokPerS|tokPerSPerW|PerTok)$/;

const ROOT = resolve(import.meta.dirname, '..');

function filesUnder(folder: string): string[] {
  const found: string[] = [];
  for (const name of readdirSync(join(ROOT, folder))) {
    const path = join(folder, name);
    if (statSync(join(ROOT, path)).isDirectory()) found.push(...filesUnder(path));
    else if (name.endsWith('.ts')) found.push(path.split(sep).join('/'));
  }
  return found;
}

const sources = ['src', 'samplers', 'reports'].flatMap(filesUnder);
const text = new Map(sources.map((file) => [file, readFileSync(join(ROOT, file), 'utf8')]));
const codeOf = (file: string): string => withoutComments(text.get(file) ?? '');

function withoutComments(source: string): string {
  return source.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/[^\n]*/g, '$1');
}

function folderOf(file: string): string | undefined {
  return Object.keys(MAY_IMPORT)
    .filter((folder) => file.startsWith(`${folder}/`))
    .sort((a, b) => b.length - a.length)[0];
}

function importsOf(file: string): string[] {
  const pattern = /(?:\bfrom\s+|\bimport\s*\(\s*|^\s*import\s+)['"]([^'"]+)['"]/gm;
  return [...codeOf(file).matchAll(pattern)].map((match) => match[1] ?? '');
}

function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

function refusal(file: string, specifier: string): string | undefined {
  const from = folderOf(file);
  if (from === undefined) return `${file} lies in no folder of the import table`;
  const rule = MAY_IMPORT[from];
  if (specifier.startsWith('node:') || specifier.startsWith('#prompts/')) return undefined;
  if (builtinModules.includes(specifier)) return `${file} imports ${specifier} without node:`;
  if (!specifier.startsWith('.')) {
    return rule?.packages.includes(packageOf(specifier)) ? undefined : `${file} imports package ${specifier}`;
  }
  if (!/\.(ts|json)$/.test(specifier)) return `${file} imports ${specifier} without its ending`;
  const target = relative(ROOT, resolve(ROOT, dirname(file), specifier))
    .split(sep)
    .join('/');
  const to = folderOf(target);
  if (to === from || (to !== undefined && rule?.own.includes(to))) return undefined;
  return `${file} imports ${target}`;
}

describe('architecture', () => {
  test('imports run one way, as the table says', () => {
    const refusals = sources.flatMap((file) => importsOf(file).map((specifier) => refusal(file, specifier)));
    expect(refusals.filter((line) => line !== undefined)).toEqual([]);
  });

  test('the import scan sees static, dynamic and type imports', () => {
    expect(refusal('src/core/x.ts', '../cli/main.ts')).toBe('src/core/x.ts imports src/cli/main.ts');
    expect(refusal('samplers/privileged/guard.ts', 'execa')).toBe(
      'samplers/privileged/guard.ts imports package execa',
    );
    expect(refusal('src/analyzer/x.ts', '../core/sample.ts')).toBeUndefined();
    expect(importsOf('src/core/sample.ts')).toContain('./codes.ts');
  });

  test('no source file is longer than 300 lines', () => {
    const long = sources.filter(
      (file) => !LONG_TABLES.includes(file) && (text.get(file) ?? '').split('\n').length > 301,
    );
    expect(long).toEqual([]);
  });

  test('half of the source files have 120 lines or fewer', () => {
    const lengths = sources.map((file) => (text.get(file) ?? '').split('\n').length).sort((a, b) => a - b);
    expect(lengths[Math.floor(lengths.length / 2)]).toBeLessThanOrEqual(120);
  });

  test('each number field of the core types ends in its unit', () => {
    const bare: string[] = [];
    for (const file of sources.filter((f) => /^src\/core\/(run|result|sample)\.ts$/.test(f))) {
      for (const [, field] of codeOf(file).matchAll(
        /readonly (\w+)\??: (?:number|Joules|Watts|Seconds)\b/g,
      )) {
        if (field !== undefined && !UNIT_SUFFIX.test(field) && !DIMENSIONLESS.has(field))
          bare.push(`${file}: ${field}`);
      }
    }
    expect(bare).toEqual([]);
  });

  test.each([
    [
      'the wall clock is read in core/clock.ts alone',
      /\bDate\.now\(|\bnew Date\(|\bperformance\.now\(/,
      ['src/core/clock.ts'],
    ],
    [
      'process.exit stands in cli/main.ts alone',
      /\bprocess\.exit\(/,
      ['src/cli/main.ts', 'samplers/privileged/guard.ts'],
    ],
    ['nothing is written to the console past stdout and stderr', /\bconsole\./, []],
    ['no default exports', /^export default/m, []],
    ['no vague names', /\b(?:class|interface|function|const|type) \w*(?:Manager|Helper|Utils?)\b/, []],
  ])('%s', (_title, pattern, allowed) => {
    const found = sources.filter((file) => !allowed.includes(file) && pattern.test(codeOf(file)));
    expect(found).toEqual([]);
  });

  test('the real engine of the tests is no dependency of lmpower and is not shipped', () => {
    const own = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    const tables = ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies'];
    const names = tables.flatMap((table) => Object.keys(own[table] ?? {}));
    expect(names).toContain('undici');
    expect(names.filter((name) => /llama|lmpower/.test(name))).toEqual([]);
    expect(own.files.filter((path: string) => /tests|scripts|^dist\/?$|^\.?\/?$/.test(path))).toEqual([]);
    expect(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')).not.toContain('node-llama-cpp');
  });

  test('the engine’s lock file names no registry', () => {
    const lock = readFileSync(join(ROOT, 'tests/engine/package-lock.json'), 'utf8');
    expect(lock).toContain('node_modules/node-llama-cpp');
    expect(lock).not.toMatch(/"resolved": "https?:/);
  });

  test('every folder of the table has a README', () => {
    const folders = [
      'src',
      'samplers',
      'samplers/privileged',
      'prompts',
      'reports',
      'scripts',
      'tests',
    ].concat(Object.keys(MAY_IMPORT).filter((folder) => /^src\/\w+$/.test(folder)));
    const missing = folders.filter((folder) => !readdirSync(join(ROOT, folder)).includes('README.md'));
    expect(missing).toEqual([]);
  });
});
