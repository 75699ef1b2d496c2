import { spawn } from 'node:child_process';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Clock, systemClock } from '../../src/core/clock.ts';
import { commandOutput } from '../command-output.ts';
import type { GuardHandle } from '../powermetrics/guard-launch.ts';
import { METER_ENV } from '../privileged/meter-command.ts';

/** The guard as sudo's child. Only ever named in code. */
export interface SudoGuard {
  readonly sudo: string;
  readonly node: string;
  readonly script: string;
}

export function sudoGuard(): SudoGuard {
  const here = import.meta.url;
  const script = fileURLToPath(new URL(`../privileged/guard${extname(fileURLToPath(here))}`, here));
  return { sudo: '/usr/bin/sudo', node: process.execPath, script };
}

/** Whether sudo would start the guard without asking; asking it runs nothing as root. Never throws. */
export async function sudoPermits(guard: SudoGuard, clock: Clock = systemClock): Promise<boolean> {
  const command = { file: guard.sudo, args: ['-n', '-l', '--', guard.node, guard.script], env: METER_ENV };
  const answer = await commandOutput(command, { clock });
  return answer.code === 0;
}

/** Starts the guard; the end of its stdin ends it. */
export function startSudoGuard(guard: SudoGuard): GuardHandle {
  const child = spawn(guard.sudo, ['-n', '--', guard.node, guard.script], {
    cwd: '/',
    env: { ...METER_ENV },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  // Whoever reads its pipes sees its end; without a listener a failed start would end the program.
  child.on('error', () => child.stdin.destroy());
  return child;
}
