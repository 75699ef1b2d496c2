import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { arch, availableParallelism, cpus, release, totalmem, type } from 'node:os';

/** The machine as far as its fingerprint goes. Nothing here throws; null: could not be read. */
export interface Host {
  readonly platform: string;
  readonly facts: {
    readonly arch: string;
    readonly cores: number;
    readonly memory_B: number;
    readonly osType: string;
    readonly osRelease: string;
    /** Name of the first processor as Node reports it. */
    readonly chip: string | null;
    readonly node: string;
    readonly elevated: boolean;
  };
  /** Text of a file. */
  read(path: string): Promise<string | null>;
  /** Names in a folder, sorted; empty where there is none. */
  list(path: string): Promise<readonly string[]>;
  /** What a command printed, trimmed; null when it is missing, fails, or takes over two seconds. */
  run(command: string, ...given: readonly string[]): Promise<string | null>;
}

const COMMAND_TIMEOUT_MS = 2000;

export const thisHost: Host = {
  platform: process.platform,
  get facts() {
    const processors = cpus();
    return {
      arch: arch(),
      cores: processors.length || availableParallelism(),
      memory_B: totalmem(),
      osType: type(),
      osRelease: release(),
      chip: processors[0]?.model.trim() || null,
      node: process.versions.node,
      elevated: process.geteuid?.() === 0,
    };
  },
  read: (path) => orNull(readFile(path, 'utf8')),
  list: async (path) => [...((await orNull(readdir(path))) ?? [])].sort(),
  run: (command, ...given) =>
    new Promise((resolve) => {
      const options = { timeout: COMMAND_TIMEOUT_MS, killSignal: 'SIGKILL', windowsHide: true } as const;
      execFile(command, given, options, (error, stdout) => resolve(error === null ? stdout.trim() : null));
    }),
};

async function orNull<T extends string | readonly string[]>(reading: Promise<T>): Promise<T | null> {
  return reading.catch(() => null);
}
