import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openDigestMemory } from '../../src/storage/digest-memory.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const MARK = { path: '/models/a.gguf', size_B: 10, mtime_ms: 1234.5, inode: 7 };
const SHA = 'ab'.repeat(32);

test('what was kept is recalled by whoever opens it next, as long as nothing of the file changed', async () => {
  const file = join(temporaryFolder(), 'deep', 'digests.json');
  openDigestMemory(file).keep(MARK, SHA);
  const memory = openDigestMemory(file);
  expect(memory.recall(MARK)).toBe(SHA);
  for (const change of [{ size_B: 11 }, { mtime_ms: 1234.6 }, { inode: 8 }, { path: '/models/b.gguf' }])
    expect(memory.recall({ ...MARK, ...change })).toBeNull();
});

test('a later digest of the same file takes the place of the earlier', async () => {
  const file = join(temporaryFolder(), 'digests.json');
  const memory = openDigestMemory(file);
  memory.keep(MARK, SHA);
  memory.keep({ ...MARK, mtime_ms: 2000 }, 'cd'.repeat(32));
  expect(JSON.parse(readFileSync(file, 'utf8'))).toHaveLength(1);
});

test.each(['', '{', '{}', '[1,["a"],["a",1,2,3,"no digest"]]'])(
  'a damaged file %j is as good as none',
  async (text) => {
    const file = join(temporaryFolder(), 'digests.json');
    writeFileSync(file, text);
    const memory = openDigestMemory(file);
    expect(memory.recall(MARK)).toBeNull();
    memory.keep(MARK, SHA);
    expect(openDigestMemory(file).recall(MARK)).toBe(SHA);
  },
);

test('where it cannot be written the digest is known to this process alone', () => {
  const memory = openDigestMemory('/dev/null/digests.json');
  memory.keep(MARK, SHA);
  expect(memory.recall(MARK)).toBe(SHA);
});
