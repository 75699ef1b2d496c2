import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { resetFile, setKey, unsetKey } from '../../../src/cli/config/edit.ts';
import { vocabulary } from '../../support/commands.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const said = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));

describe('set', () => {
  test('makes file and folder where there are none, for their owner alone', async () => {
    const path = join(temporaryFolder(), 'deep', 'config.json');
    await setKey(path, ['run.baseline_s', '15'], vocabulary());
    expect(said(path)).toEqual({ run: { baseline_s: 15 } });
    if (process.platform !== 'win32') expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test.each<[string, string, unknown]>([
    ['run.model', 'a, b', { run: { model: ['a', 'b'] } }],
    ['run.warmup', 'false', { run: { warmup: false } }],
    ['backends.lmstudio.ports', '[1234,1235]', { backends: { lmstudio: { ports: [1234, 1235] } } }],
    ['db', '/tmp/own.db', { db: '/tmp/own.db' }],
  ])('%s %s', async (key, value, content) => {
    const path = join(temporaryFolder(), 'config.json');
    await setKey(path, [key, value], vocabulary());
    expect(said(path)).toEqual(content);
  });

  test('leaves what else the file says', async () => {
    const path = join(temporaryFolder(), 'config.json');
    writeFileSync(path, JSON.stringify({ run: { trials: 3 }, sample: { interval_ms: 100 } }));
    await setKey(path, ['run.trials', '4'], vocabulary());
    expect(said(path)).toEqual({ run: { trials: 4 }, sample: { interval_ms: 100 } });
  });

  test.each([
    ['run.trials', 'many'],
    ['run.nosuch', '1'],
    ['trials', '1'],
    ['run.trials', 'null'],
  ])('%s %s is refused, and the file stays as it was', async (key, value) => {
    const path = join(temporaryFolder(), 'config.json');
    writeFileSync(path, '{"run":{"trials":3}}');
    await expect(setKey(path, [key, value], vocabulary())).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    expect(readFileSync(path, 'utf8')).toBe('{"run":{"trials":3}}');
  });
});

test('what was typed is at fault, not a line of a file that is not there', async () => {
  const path = join(temporaryFolder(), 'config.json');
  await expect(setKey(path, ['run.trials', 'many'], vocabulary())).rejects.toMatchObject({
    message: expect.stringMatching(/^config set: run\.trials: --trials takes /),
  });
  await expect(setKey(path, ['run.zzz', '1'], vocabulary())).rejects.toMatchObject({
    message: 'config set: run.zzz: is not known.',
    remedy: 'lmpower config keys lists them',
  });
});

test('unset takes a key out, and says whether it was there', async () => {
  const path = join(temporaryFolder(), 'config.json');
  writeFileSync(path, '{"run":{"trials":3,"baseline_s":20}}');
  expect(await unsetKey(path, 'run.trials', vocabulary())).toBe(true);
  expect(await unsetKey(path, 'run.trials', vocabulary())).toBe(false);
  expect(said(path)).toEqual({ run: { baseline_s: 20 } });
});

test('reset puts the file aside, and loses nothing', async () => {
  const path = join(temporaryFolder(), 'config.json');
  expect(await resetFile(path)).toBeNull();
  writeFileSync(path, '{"run":{"trials":3}}');
  const kept = await resetFile(path);
  expect(existsSync(path)).toBe(false);
  expect(kept === null ? '' : readFileSync(kept, 'utf8')).toBe('{"run":{"trials":3}}');
});

test('a second reset keeps what the first one put aside', async () => {
  const path = join(temporaryFolder(), 'config.json');
  writeFileSync(path, '{"run":{"trials":3}}');
  const first = await resetFile(path);
  writeFileSync(path, 'no JSON at all');
  const second = await resetFile(path);
  expect([first, second].map((kept) => readFileSync(kept ?? '', 'utf8'))).toEqual([
    '{"run":{"trials":3}}',
    'no JSON at all',
  ]);
});

describe('what is typed is taken as its key takes it', () => {
  test.each<[string, string, unknown]>([
    ['run.stop', '[", ", "x"]', { run: { stop: [', ', 'x'] } }],
    ['run.includeModels', '^q{1,2}', { run: { includeModels: '^q{1,2}' } }],
    ['run.includeModels', '1.0', { run: { includeModels: '1.0' } }],
    ['run.draftModel', '1e3', { run: { draftModel: '1e3' } }],
    ['run.warmup', 'off', { run: { warmup: false } }],
    ['run.flashAttention', 'off', { run: { flashAttention: false } }],
    ['backends.lmstudio.token', '12345', { backends: { lmstudio: { token: '12345' } } }],
    ['backends.lmstudio.ports', '1234,1235', { backends: { lmstudio: { ports: [1234, 1235] } } }],
    ['extends', '["a.json"]', null],
  ])('%s %s', async (key, value, content) => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'a.json'), '{}');
    const path = join(folder, 'config.json');
    await setKey(path, [key, value], vocabulary());
    expect(said(path)).toEqual(content ?? { extends: ['a.json'] });
  });

  test.each(['__proto__.run', 'run.__proto__', 'run.constructor.x'])('%s is no key', async (key) => {
    const path = join(temporaryFolder(), 'config.json');
    await expect(setKey(path, [key, '1'], vocabulary())).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    expect(existsSync(path)).toBe(false);
  });
});

test.skipIf(process.platform === 'win32')('a file that all could read becomes its owner’s', async () => {
  const path = join(temporaryFolder(), 'config.json');
  writeFileSync(path, '{}', { mode: 0o644 });
  await setKey(path, ['backends.openai.token', 'x'], vocabulary());
  expect(statSync(path).mode & 0o777).toBe(0o600);
});
