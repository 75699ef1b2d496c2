import { say } from './output.ts';

const INTERRUPTIONS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Ctrl-C once ends the phase under way and keeps what was recorded; twice ends at once, by the signal itself. SIGTERM
 * and a closed terminal count likewise. Returns the signal and the way to stop listening.
 */
export function interruptSignal(message: string): { signal: AbortSignal; release: () => void } {
  const controller = new AbortController();
  const release = (): void => {
    for (const name of INTERRUPTIONS) process.off(name, onSignal);
  };
  const onSignal = (name: NodeJS.Signals): void => {
    if (controller.signal.aborted) {
      release();
      process.kill(process.pid, name);
      return;
    }
    controller.abort(new Error('interrupted'));
    say(message);
  };
  for (const name of INTERRUPTIONS) process.on(name, onSignal);
  return { signal: controller.signal, release };
}
