import { spawnSync } from 'node:child_process';

/** True while a process, a zombie included, has this id. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Resolves when the process has gone; rejects after five seconds. The system tells nobody but the parent, hence the polling. */
export async function gone(pid: number): Promise<void> {
  const limit = AbortSignal.timeout(5000);
  while (isRunning(pid)) {
    if (limit.aborted) throw new Error(`process ${pid} is still there`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** A zombie has ended: in a container nobody may be there to collect it. */
function isRunning(pid: number): boolean {
  return isAlive(pid) && !isZombie(pid);
}

function isZombie(pid: number): boolean {
  const status = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' });
  return status.stdout.trim().startsWith('Z');
}
