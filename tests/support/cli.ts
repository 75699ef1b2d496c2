import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Readable } from 'node:stream';

/** The built program, as the package's `bin` names it; `npm test` builds it first. */
export const CLI = resolve(import.meta.dirname, '../../dist/src/cli/main.js');

export interface CliEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  /** Home, data and working folder of the program. */
  readonly folder: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Arguments of Node itself. */
  readonly node?: readonly string[];
}

export interface CliProcess {
  readonly child: ChildProcessByStdio<null, Readable, Readable>;
  readonly ended: Promise<CliEnd>;
  /** Resolves once stderr holds the text; rejects when the program ends without it. */
  said(text: string): Promise<void>;
}

/** Starts the program as a person would, without anything of this machine's own settings. */
export function startCli(args: readonly string[], { env, folder, node = [] }: CliOptions): CliProcess {
  if (!existsSync(CLI)) throw new Error(`${CLI} is missing: npm run build`);
  const child = spawn(process.execPath, [...node, CLI, ...args], {
    cwd: folder,
    env: { PATH: process.env['PATH'], HOME: folder, XDG_CONFIG_HOME: folder, XDG_DATA_HOME: folder, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const written = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      written[name] += text;
    });
  }
  const ended = once(child, 'close').then(() => ({
    code: child.exitCode,
    signal: child.signalCode,
    ...written,
  }));
  const said = async (text: string): Promise<void> => {
    while (!written.stderr.includes(text)) {
      const isOver = await Promise.race([
        ended.then(() => true),
        once(child.stderr, 'data').then(() => false),
      ]);
      if (isOver && !written.stderr.includes(text))
        throw new Error(`never said '${text}': ${written.stderr}`);
    }
  };
  return { child, ended, said };
}

/** Runs the program to its end. */
export function cli(args: readonly string[], options: CliOptions): Promise<CliEnd> {
  return startCli(args, options).ended;
}

/** Lines of people's output, without the word about who runs the tests. */
export function withoutRootNotice(stderr: string): string {
  return stderr.replace(/^running as root without sudo: .*\n/m, '');
}
