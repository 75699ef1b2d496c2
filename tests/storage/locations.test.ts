import { userInfo } from 'node:os';
import { describe, expect, test } from 'vitest';
import { defaultStorePath, readSurroundings, storeFolder } from '../../src/storage/locations.ts';

describe('storeFolder', () => {
  test.each([
    ['Linux', { platform: 'linux', home: '/home/ada', env: {} }, '/home/ada/.local/share/lmpower'],
    [
      'Linux with XDG',
      { platform: 'linux', home: '/home/ada', env: { XDG_DATA_HOME: '/big/share' } },
      '/big/share/lmpower',
    ],
    [
      'a relative XDG folder is ignored',
      { platform: 'linux', home: '/home/ada', env: { XDG_DATA_HOME: 'share' } },
      '/home/ada/.local/share/lmpower',
    ],
    [
      'an empty XDG folder is ignored',
      { platform: 'linux', home: '/home/ada', env: { XDG_DATA_HOME: '' } },
      '/home/ada/.local/share/lmpower',
    ],
    [
      'macOS',
      { platform: 'darwin', home: '/Users/ada', env: { XDG_DATA_HOME: '/x' } },
      '/Users/ada/Library/Application Support/lmpower',
    ],
    [
      'Windows',
      { platform: 'win32', home: 'C:\\Users\\ada', env: { APPDATA: 'D:\\Roaming' } },
      'D:\\Roaming\\lmpower',
    ],
    [
      'Windows without APPDATA',
      { platform: 'win32', home: 'C:\\Users\\ada', env: {} },
      'C:\\Users\\ada\\AppData\\Roaming\\lmpower',
    ],
    [
      'HOME does not count',
      { platform: 'linux', home: '/home/ada', env: { HOME: '/root' } },
      '/home/ada/.local/share/lmpower',
    ],
  ] as const)('%s', (_name, surroundings, folder) => {
    expect(storeFolder(surroundings)).toBe(folder);
  });
});

test('the store lies in that folder', () => {
  expect(defaultStorePath({ platform: 'linux', home: '/home/ada', env: {} })).toBe(
    '/home/ada/.local/share/lmpower/lmpower.db',
  );
});

test('the home is that of the user whom the process runs as', () => {
  expect(readSurroundings().home).toBe(userInfo().homedir);
});
