import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { temporaryFolder } from './temporary-folder.ts';

/** A stand-in /sys: files of one line, gone when the test ends. */
export interface SysfsTree {
  readonly root: string;
  write(path: string, value: string | number): void;
  remove(path: string): void;
  /** What the kernel refuses to show: a folder in the file's place fails every read as an unreadable file does. */
  deny(path: string): void;
}

export function sysfsTree(files: Readonly<Record<string, string | number>> = {}): SysfsTree {
  const root = temporaryFolder();
  const write = (path: string, value: string | number): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), `${value}\n`);
  };
  for (const [path, value] of Object.entries(files)) write(path, value);
  const remove = (path: string): void => rmSync(join(root, path), { recursive: true, force: true });
  return {
    root,
    write,
    remove,
    deny: (path) => {
      remove(path);
      mkdirSync(join(root, path), { recursive: true });
    },
  };
}

/** A zone of powercap in the kernel's files, below the root of its own folder. */
export function zoneFiles(
  zone: string,
  { name, energy_uJ, range_uJ = 262_143_328_850 }: { name: string; energy_uJ: number; range_uJ?: number },
): Record<string, string | number> {
  return {
    [`${zone}/name`]: name,
    [`${zone}/energy_uj`]: energy_uJ,
    [`${zone}/max_energy_range_uj`]: range_uJ,
  };
}

/** The link from a hwmon folder to its device, which holds the bus address. */
export function linkDevice(tree: SysfsTree, hwmon: string, address: string): void {
  mkdirSync(join(tree.root, 'devices', address), { recursive: true });
  symlinkSync(join('../../../devices', address), join(tree.root, hwmon, 'device'));
}
