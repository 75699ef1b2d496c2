import type { Seconds } from '../core/units.ts';
import { waitUntil } from './phases.ts';
import type { RunContext } from './run-context.ts';

/** `none`: it answers, and always did · `returned`: it was away and answers again · `gone`: it stays away. */
export type Absence = 'none' | 'returned' | 'gone';

/** Long enough for a server to be started again by whoever watches over it. */
const PATIENCE_s: Seconds = 120;
const LOOK_s: Seconds = 2;

/** Waits for a server that does not answer to come back. To be called between phases. */
export async function awaitReturn(context: RunContext): Promise<Absence> {
  const { backend, clock, progress } = context;
  if (!(await isAway(context))) return 'none';
  progress({ kind: 'note', text: `${backend.title} does not answer: waiting ${PATIENCE_s} s for it` });
  const limit_s = clock.now_s() + PATIENCE_s;
  while (clock.now_s() < limit_s) {
    if (!(await waitUntil(context, clock.now_s() + LOOK_s))) return 'gone';
    if (!(await isAway(context))) return 'returned';
  }
  return 'gone';
}

async function isAway({ backend }: RunContext): Promise<boolean> {
  return (await backend.probe()).state === 'unreachable';
}
