import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LmpowerError } from '../../src/core/errors.ts';
import {
  builtInIds,
  builtInWorkloads,
  loadWorkload,
  parseWorkload,
} from '../../src/orchestrator/workload.ts';

const TEXT = `{
  "id": "mine",
  "version": 1,
  "title": "Mine",
  "identity": "text",
  "nonce": false,
  "system": null,
  "prompts": [
    { "id": "a", "category": "short", "maxOutput_tok": 64, "text": "Hello?" },
    { "id": "b", "category": "short", "maxOutput_tok": 64, "text": "Bye?" }
  ]
}
`;

async function refusal(text: string): Promise<LmpowerError> {
  try {
    await parseWorkload(text, 'mine.json');
  } catch (error) {
    if (error instanceof LmpowerError) return error;
  }
  throw new Error('was not refused');
}

describe('built-in workloads', () => {
  test('are these, each valid and named as its file', async () => {
    expect(await builtInIds()).toEqual([
      'cache-v1',
      'classic-v1',
      'decode-v1',
      'demo-v1',
      'energy-grid-v1',
      'experiment-v1',
      'idle-v1',
      'prefill-v1',
      'quick-v1',
    ]);
    expect((await builtInWorkloads()).map(({ id }) => id)).toEqual(await builtInIds());
  });

  test('each says what a file of one own may say, and is read as such a file would be', async () => {
    for (const workload of await builtInWorkloads()) {
      const path = join(import.meta.dirname, `../../prompts/${workload.id}.json`);
      expect(workload).toEqual(await parseWorkload(await readFile(path, 'utf8'), path));
    }
  });

  test('classic-v1 is three short, three medium and three long prompts of at most 512 tokens, without nonce', async () => {
    const { nonce, prompts, system } = await loadWorkload('classic-v1');
    expect(prompts.map(({ category }) => category)).toEqual(
      ['short', 'medium', 'long'].flatMap((category) => [category, category, category]),
    );
    expect(prompts.slice(0, 6).map(({ text }) => text)).toEqual([
      'What is 2+2?',
      'Name three colors.',
      'Say hello.',
      'Explain photosynthesis in simple terms.',
      'What are the main causes of climate change?',
      'Describe how a computer processes information.',
    ]);
    expect(new Set(prompts.map(({ maxOutput_tok }) => maxOutput_tok))).toEqual(new Set([512]));
    expect([nonce, system]).toEqual([false, null]);
  });

  test('classic-v1 is never changed: its hash is that of version 1', async () => {
    expect((await loadWorkload('classic-v1')).sha256).toBe(
      'a3e98fc87bb06dcec17158788ab440e078f1dd2ef4cebb21cad9cb4242a23283',
    );
  });

  test('demo-v1 has one prompt of each length', async () => {
    const { prompts } = await loadWorkload('demo-v1');
    expect(prompts.map(({ category }) => category)).toEqual(['short', 'medium', 'long']);
  });
});

describe('loadWorkload', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lmpower-workload-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  test('reads a file, also one that begins with a byte order mark', async () => {
    const path = join(folder, 'mine.json');
    await writeFile(path, `\uFEFF${TEXT}`);
    const workload = await loadWorkload(path);
    expect(workload.prompts.map(({ id }) => id)).toEqual(['a', 'b']);
    expect(workload).toEqual(await parseWorkload(TEXT, path));
  });

  test.each([
    ['nowhere.json', /neither a built-in workload nor a file/],
    ['.', /is not a file/],
  ])('%s: says why, and what there is', async (name, why) => {
    const error = await loadWorkload(join(folder, name)).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'WORKLOAD_INVALID', exitCode: 2 });
    expect(String(error)).toMatch(why);
    expect(error).toMatchObject({ remedy: expect.stringContaining('classic-v1, decode-v1, demo-v1') });
  });
});

describe('parseWorkload', () => {
  test('the hash is of what is sent: order of keys, layout and title do not count, a changed prompt does', async () => {
    const { sha256 } = await parseWorkload(TEXT, 'mine.json');
    const hashOf = async (text: string): Promise<string> => (await parseWorkload(text, 'x')).sha256;
    const compact = JSON.stringify({ title: 'Other', ...JSON.parse(TEXT.replace('"Mine"', '"Other"')) });
    expect(sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(await hashOf(compact)).toBe(sha256);
    expect(await hashOf(TEXT.replace('Bye?', 'Bye!'))).not.toBe(sha256);
    expect(await hashOf(TEXT.replace('"system": null', '"system": "Be brief."'))).not.toBe(sha256);
    expect(await hashOf(TEXT.replace('"nonce": false', '"nonce": true'))).not.toBe(sha256);
  });

  test.each([
    ['text that is not JSON', TEXT.replace('"version": 1,', '"version": 1'), 'mine.json:4: not JSON.'],
    ['text that ends too early', TEXT.slice(0, TEXT.indexOf(']')), 'mine.json:11: not JSON.'],
    ['an empty file', '', 'mine.json:1: not JSON.'],
    [
      'a wrong value',
      TEXT.replace('"maxOutput_tok": 64, "text": "Bye?"', '"maxOutput_tok": -1, "text": "Bye?"'),
      /^mine\.json:10: prompts\[1\]\.maxOutput_tok: /,
    ],
    ['an unknown key', TEXT.replace('"nonce"', '"noise"'), /^mine\.json:1: nonce: .*\(and 1 more\)\.$/],
    ['a missing key', TEXT.replace('"version": 1,', ''), 'mine.json:1: version: is missing.'],
    ['an array', '[1]', /^mine\.json:1: the file: /],
  ])('%s: names file, line and reason', async (_what, text, message) => {
    const error = await refusal(text);
    expect(error.code).toBe('WORKLOAD_INVALID');
    if (typeof message === 'string') expect(error.message).toBe(message);
    else expect(error.message).toMatch(message);
  });
});
