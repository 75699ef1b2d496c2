import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const FOLDER = join(import.meta.dirname, '../../../samplers/privileged');

test('what stays root imports node: built-ins and its own folder, nothing else', () => {
  const files = readdirSync(FOLDER).filter((name) => name.endsWith('.ts'));
  expect(files).toContain('guard.ts');
  for (const file of files) {
    const source = readFileSync(join(FOLDER, file), 'utf8');
    const imports = [...source.matchAll(/\b(?:from|import|require)\s*\(?\s*['"]([^'"]+)['"]/g)].map(
      (match) => match[1],
    );
    const foreign = imports.filter((name) => !/^node:|^\.\/[a-z-]+\.ts$/.test(name ?? ''));
    expect({ file, foreign }).toEqual({ file, foreign: [] });
  }
});

test('what stays root reads neither an environment variable nor a flag', () => {
  for (const file of readdirSync(FOLDER).filter((name) => name.endsWith('.ts'))) {
    const source = readFileSync(join(FOLDER, file), 'utf8');
    expect(source).not.toMatch(/process\.env|process\.execArgv|parseArgs/);
    // argv[1], its own path, says whether the file was started as the program.
    expect(source.replace('process.argv[1]', '')).not.toMatch(/process\.argv/);
  }
});
