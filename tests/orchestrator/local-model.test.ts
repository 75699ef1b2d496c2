import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { lmStudioModelFolders } from '../../src/backends/lmstudio-folders.ts';
import { localModelPath } from '../../src/orchestrator/local-model.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const HERE = { remote: false };

test('an absolute path is the file itself, a relative one lies below a folder of models', async () => {
  const folder = temporaryFolder();
  const file = join(folder, 'p', 'm.gguf');
  await mkdir(join(folder, 'p'));
  await writeFile(file, '');
  expect(await localModelPath({ ...HERE, path: file }, [])).toBe(file);
  expect(await localModelPath({ ...HERE, path: 'p/m.gguf' }, ['/nowhere', folder])).toBe(file);
});

test('what is not there, not told, on another machine, or outside the folder is none', async () => {
  const folder = temporaryFolder();
  await writeFile(join(folder, 'm.gguf'), '');
  await mkdir(join(folder, 'models'));
  expect(await localModelPath({ ...HERE, path: join(folder, 'no.gguf') }, [])).toBeNull();
  expect(await localModelPath(HERE, [folder])).toBeNull();
  expect(await localModelPath({ path: 'm.gguf', remote: true }, [folder])).toBeNull();
  expect(await localModelPath({ ...HERE, path: '../m.gguf' }, [join(folder, 'models')])).toBeNull();
  expect(await localModelPath({ ...HERE, path: '.' }, [folder])).toBeNull();
});

test('LM Studio keeps models where its settings say, or where it usually does', async () => {
  const home = temporaryFolder();
  const usual = [join(home, '.cache', 'lm-studio', 'models'), join(home, '.lmstudio', 'models')];
  expect(await lmStudioModelFolders(home)).toEqual(usual);
  await mkdir(join(home, '.lmstudio'));
  await writeFile(join(home, '.lmstudio', 'settings.json'), '{"downloadsFolder":"/big/disk"}');
  expect(await lmStudioModelFolders(home)).toEqual(['/big/disk', ...usual]);
  await writeFile(join(home, '.lmstudio-home-pointer'), `${join(home, 'other')}\n`);
  expect(await lmStudioModelFolders(home)).toEqual([join(home, 'other', 'models')]);
});
