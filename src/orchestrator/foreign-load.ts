import { asLmpowerError } from '../core/errors.ts';
import type { Phase } from '../core/run.ts';
import type { RunContext } from './run-context.ts';

/** Requests on the server that are not ours; 0 where it does not say or cannot be asked: the prompt will tell. */
export async function otherRequests({ backend, progress, signal }: RunContext): Promise<number> {
  if (signal.aborted) return 0;
  try {
    return (await backend.busy()) ?? 0;
  } catch (thrown) {
    const { message } = asLmpowerError(thrown);
    if (!signal.aborted) progress({ kind: 'note', text: `other requests cannot be counted: ${message}` });
    return 0;
  }
}

/** An event inside the window of the answer, the one in doubt, though the server was asked before and after only. */
export function noteForeign(
  { ledger }: RunContext,
  phases: readonly Phase[],
  { before, after }: { readonly before: number; readonly after: number },
): void {
  const window = phases.find(({ kind }) => kind === 'inference') ?? phases[0];
  if (window === undefined || before + after === 0) return;
  const detail = `other requests on the server: ${before} before the baseline, ${after} after the cooldown`;
  ledger.event('FOREIGN_LOAD', window.start_s, detail);
}
