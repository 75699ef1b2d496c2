import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { REPORTS } from '../../reports/index.ts';
import { writtenPages } from '../../scripts/docs/pages.ts';
import { buildProgram } from '../../src/cli/program.ts';
import { CODE_CAUSES } from '../../src/core/code-causes.ts';
import { CODES } from '../../src/core/codes.ts';
import { ERROR_TEXTS } from '../../src/core/error-causes.ts';
import { ERRORS } from '../../src/core/errors.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const pages = writtenPages();
const reference = pages.get('src/cli/REFERENCE.md') ?? '';
const troubleshooting = pages.get('src/cli/TROUBLESHOOTING.md') ?? '';

test.each([...pages])('%s is what npm run docs writes', (path, text) => {
  expect(readFileSync(resolve(ROOT, path), 'utf8'), 'stale: run npm run docs').toBe(text);
});

/** Pages that people read: those at the root and those of the folders. */
function allPages(): string[] {
  const atRoot = readdirSync(ROOT).filter((name) => name.endsWith('.md'));
  const below = ['src', 'samplers', 'reports', 'prompts', 'scripts', 'tests'].flatMap((folder) =>
    readdirSync(resolve(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.md') && !name.includes('node_modules'))
      .map((name) => `${folder}/${name}`),
  );
  return [...atRoot, ...below];
}

/** GitHub's name of a heading. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}_ -]/gu, '')
    .trim()
    .replaceAll(' ', '-');
}

test.each(allPages())('%s links to files and headings that are there', (page) => {
  const text = readFileSync(resolve(ROOT, page), 'utf8').replace(/^```[\s\S]*?^```/gm, '');
  const broken = [...text.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !/^[a-z]+:/.test(target))
    .filter((target) => {
      const [path = '', anchor] = target.split('#');
      const file = resolve(ROOT, path === '' ? page : resolve(dirname(resolve(ROOT, page)), path));
      if (!existsSync(file)) return true;
      if (anchor === undefined) return false;
      const headings = readFileSync(file, 'utf8').match(/^#+ .*$/gm) ?? [];
      return !headings.some((heading) => anchorOf(heading.replace(/^#+ /, '')) === anchor);
    });
  expect(broken).toEqual([]);
});

test.each(REPORTS.map(({ question }) => question))('reports/READING.md says how to read "%s"', (question) => {
  expect(readFileSync(resolve(ROOT, 'reports/READING.md'), 'utf8')).toContain(`| ${question} | `);
});

describe('the reference', () => {
  const program = buildProgram({
    version: '',
    elevation: { guard: null, dropped: false, reason: null },
    exitCode: 0,
  });
  test.each(program.commands.map((command) => [command.name(), command] as const))(
    'has %s with each of its flags and what they do',
    (name, command) => {
      expect(reference).toContain(`## lmpower ${name}\n`);
      for (const { description, flags, hidden } of command.options) {
        if (hidden) continue;
        expect(reference).toContain(`\`${flags.replaceAll('|', '\\|')}\``);
        expect(reference).toContain(description.replaceAll('<', '&lt;').replaceAll('|', '\\|'));
      }
    },
  );

  test('has the key and the variable of a setting', () => {
    expect(reference).toContain('`run.interval_ms`');
    expect(reference).toContain('`LMPOWER_INTERVAL_MS`');
  });
});

describe('troubleshooting', () => {
  test.each(Object.keys(CODES))('has meaning, cause and remedy of the code %s', (code) => {
    const cause = new Map(Object.entries(CODE_CAUSES)).get(code) ?? '';
    expect(cause.length).toBeGreaterThan(20);
    expect(troubleshooting).toContain(cause);
    expect(troubleshooting).toContain(`### ${code} (`);
  });

  test.each(Object.keys(ERRORS))('has meaning, cause and remedy of the error %s', (code) => {
    const text = new Map(Object.entries(ERROR_TEXTS)).get(code);
    expect(text?.meaning.length).toBeGreaterThan(10);
    expect(text?.cause.length).toBeGreaterThan(10);
    expect(troubleshooting).toContain(text?.cause);
  });
});
