import type { Phase, PhaseKind } from '../core/run.ts';
import type { Seconds } from '../core/units.ts';
import type { TrialPlace } from './progress.ts';
import type { RunContext } from './run-context.ts';

/** Whose phase it is: which model (from 0, and its key once known) and which trial, if any. */
export interface PhaseOwner {
  readonly model: number;
  readonly modelKey: string | null;
  /** What the model's trials are filed under, where that is not its key. */
  readonly name?: string;
  readonly trial: TrialPlace | null;
}

/** What the model is called in all that is recorded of it; null: not known yet. */
export function nameOf({ modelKey, name }: PhaseOwner): string | null {
  return name ?? modelKey;
}

/** Tells the listener and the agenda that a phase begins. */
export function announce(
  { agenda, progress }: RunContext,
  owner: PhaseOwner,
  { phase, planned_s }: { readonly phase: PhaseKind; readonly planned_s: Seconds | null },
): void {
  agenda.begin({ model: owner.model, trial: owner.trial?.index ?? null, phase });
  const remaining_s = agenda.remaining_s();
  progress({ kind: 'phase', phase, model: nameOf(owner), trial: owner.trial, planned_s, remaining_s });
}

/** Waits until `until_s` of the run's clock; false when the run was interrupted before. */
export async function waitUntil({ clock, signal }: RunContext, until_s: Seconds): Promise<boolean> {
  try {
    await clock.sleep(Math.max(0, until_s - clock.now_s()), signal);
    return !signal.aborted;
  } catch (reason) {
    if (signal.aborted) return false;
    throw reason;
  }
}

/** The time after an answer, from its end. Interrupted: the phase as far as it came. */
export async function cooldown(context: RunContext, owner: PhaseOwner, start_s: Seconds): Promise<Phase> {
  const planned_s = context.plan.cooldown_s;
  announce(context, owner, { phase: 'cooldown', planned_s });
  const whole = await waitUntil(context, start_s + planned_s);
  return { kind: 'cooldown', start_s, end_s: whole ? start_s + planned_s : context.clock.now_s() };
}
