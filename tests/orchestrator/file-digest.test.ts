import { createHash, randomBytes } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { modelDigest } from '../../src/orchestrator/file-digest.ts';
import { type DigestMemory, openDigestMemory } from '../../src/storage/digest-memory.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

let folder = '';
let memory: DigestMemory;

beforeEach(async () => {
  folder = temporaryFolder();
  memory = openDigestMemory(join(folder, 'digests.json'));
});

function sha256(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

test('of a file it is that of all its bytes, read once', async () => {
  const path = join(folder, 'a.gguf');
  const content = randomBytes(9_000_001);
  await writeFile(path, content);
  const heard: number[] = [];
  const onProgress = (read_B: number, of_B: number): void => void heard.push(read_B / of_B);
  expect(await modelDigest(path, { memory, onProgress })).toBe(sha256(content));
  expect(heard.length).toBeGreaterThan(1);
  expect(heard.at(-1)).toBe(1);
  heard.length = 0;
  expect(await modelDigest(path, { memory, onProgress })).toBe(sha256(content));
  expect(heard).toEqual([]);
});

test('without reading, only what was read before is known', async () => {
  const path = join(folder, 'a.gguf');
  await writeFile(path, 'one');
  expect(await modelDigest(path, { memory, recallOnly: true })).toBeNull();
  await modelDigest(path, { memory });
  expect(await modelDigest(path, { memory, recallOnly: true })).toBe(sha256('one'));
});

test('a file that changed, or another one in its place, is read anew', async () => {
  const path = join(folder, 'a.gguf');
  await writeFile(path, 'one');
  const before = await modelDigest(path, { memory });
  await writeFile(join(folder, 'b.gguf'), 'two');
  await rename(join(folder, 'b.gguf'), path);
  const after = await modelDigest(path, { memory });
  expect([before, after]).toEqual([sha256('one'), sha256('two')]);
});

test('of a folder it is that of its manifest, wherever the folder lies', async () => {
  const digests = ['one', 'two'].map(async (name) => {
    const path = join(folder, name);
    await mkdir(join(path, 'deep'), { recursive: true });
    await mkdir(join(path, '.cache'));
    await writeFile(join(path, 'model.safetensors'), 'weights');
    await writeFile(join(path, 'deep', 'config.json'), '{}');
    await writeFile(join(path, '.cache', 'when'), name);
    return modelDigest(path, { memory });
  });
  const [one, two] = await Promise.all(digests);
  const manifest = `deep/config.json\0${2}\0${sha256('{}')}\nmodel.safetensors\0${7}\0${sha256('weights')}\n`;
  expect(one).toBe(sha256(manifest));
  expect(two).toBe(one);
  await writeFile(join(folder, 'two', 'extra.json'), '{}');
  expect(await modelDigest(join(folder, 'two'), { memory })).not.toBe(one);
});

test('of a file in parts it is that of all its parts, and of no other model', async () => {
  const part = (stem: string, index: number): string => join(folder, `${stem}-0000${index}-of-00002.gguf`);
  await writeFile(part('m', 1), 'first');
  await writeFile(part('m', 2), 'second');
  await writeFile(part('other', 1), 'not of it');
  const lines = [['m-00001-of-00002.gguf', 'first'] as const, ['m-00002-of-00002.gguf', 'second'] as const];
  const manifest = lines.map(([name, text]) => `${name}\0${text.length}\0${sha256(text)}\n`).join('');
  expect(await modelDigest(part('m', 1), { memory })).toBe(sha256(manifest));
});

test('of what is not there it is null', async () => {
  expect(await modelDigest(join(folder, 'nothing'), { memory })).toBeNull();
});

test('a file that changes while it is read has none, and is not remembered', async () => {
  const path = join(folder, 'a.gguf');
  await writeFile(path, randomBytes(8_500_000));
  let grown = false;
  const onProgress = (): void => {
    if (!grown) appendFileSync(path, 'more');
    grown = true;
  };
  expect(await modelDigest(path, { memory, onProgress })).toBeNull();
  expect(await modelDigest(path, { memory })).toMatch(/^[0-9a-f]{64}$/);
});

test('an interruption ends it', async () => {
  const path = join(folder, 'a.gguf');
  await writeFile(path, randomBytes(9_000_000));
  const stop = new AbortController();
  const digest = modelDigest(path, { memory, signal: stop.signal, onProgress: () => stop.abort() });
  await expect(digest).rejects.toMatchObject({ code: 'INTERRUPTED' });
});
