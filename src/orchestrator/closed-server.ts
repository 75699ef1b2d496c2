import type { Seconds } from '../core/units.ts';
import { cooldown, type PhaseOwner, waitUntil } from './phases.ts';
import type { RunContext } from './run-context.ts';

/** Long enough to find the window and close it. */
const PATIENCE_s: Seconds = 300;
const LOOK_s: Seconds = 2;

/**
 * Asks for the server to be closed, waits for it, and for the machine to settle. False where it stayed open: the run
 * goes on without that figure. Closing it is its owner's to do; we never end a program that we did not start.
 */
export async function awaitClosed(context: RunContext, owner: PhaseOwner): Promise<boolean> {
  const { backend, clock, ledger, progress } = context;
  progress({ kind: 'note', text: `now close ${backend.title}: idle power without it is measured next` });
  const limit_s = clock.now_s() + PATIENCE_s;
  while ((await backend.probe()).state !== 'unreachable') {
    if (clock.now_s() >= limit_s) {
      progress({ kind: 'note', text: `${backend.title} still answers: idle power without it is left out` });
      return false;
    }
    if (!(await waitUntil(context, clock.now_s() + LOOK_s))) return false;
  }
  ledger.phase(await cooldown(context, owner, clock.now_s()));
  return !context.signal.aborted;
}
