import { spawnSync } from 'node:child_process';
import type { TestProject } from 'vitest/node';
import { ENGINE } from './engine-server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Why the engine cannot run on this machine; null where it can. */
    engineMissing: string | null;
  }
}

/** Asked once, before all tests: a platform without a binary skips them and says so. */
export default function availability(project: TestProject): void {
  const { status, stdout, stderr } = spawnSync(process.execPath, [ENGINE, '--check'], { encoding: 'utf8' });
  if (status !== 0 && status !== UNAVAILABLE) throw new Error(`the engine does not start: ${stderr}`);
  project.provide('engineMissing', status === 0 ? null : stdout.trim());
  if (status !== 0) process.stderr.write(`skipped: ${stdout}`);
}

/** Source: sysexits.h, EX_UNAVAILABLE. */
const UNAVAILABLE = 69;
