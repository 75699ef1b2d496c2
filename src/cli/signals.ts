import { say } from './output.ts';

/**
 * Ctrl-C once ends the phase under way and keeps what was recorded; twice ends at once. SIGTERM and a closed terminal
 * count as the first. Returns the signal and the way to stop listening.
 */
export function interruptSignal(message: string): { signal: AbortSignal; release: () => void } {
  const controller = new AbortController();
  const onSignal = (): void => {
    if (controller.signal.aborted) {
      process.kill(process.pid, 'SIGKILL');
      return;
    }
    say(`\n${message}`);
    controller.abort(new Error('interrupted'));
  };
  const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const name of names) process.on(name, onSignal);
  return {
    signal: controller.signal,
    release: () => {
      for (const name of names) process.off(name, onSignal);
    },
  };
}
