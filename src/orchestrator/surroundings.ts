import { ENVIRONMENT, OBSERVED } from '../core/environment-names.ts';
import type { Observation } from '../core/sample.ts';
import type { Seconds } from '../core/units.ts';
import type { RunContext } from './run-context.ts';

/** What a run can learn of the machine and of its server's processes besides what its meters give. */
export interface Surroundings {
  /** Facts by name. Asked between phases only, so it may start processes. */
  look(): Promise<Readonly<Record<string, string>>>;
  /** Processor time of the server's processes so far; null: not known. Asked at both ends of a request: reads a few files, at once. */
  serverCpu_s(): Seconds | null;
}

/** Between phases. What cannot be learned is left out. */
export async function lookAround({ clock, ledger, signal, surroundings }: RunContext): Promise<void> {
  if (surroundings === undefined || signal.aborted) return;
  const facts = await surroundings.look();
  const at_s = clock.now_s();
  for (const [name, value] of Object.entries(facts)) ledger.observation(observed(name, at_s, value));
}

/** At an end of a request; METHOD §4, CPU-seconds per token. */
export function noteServerCpu({ clock, ledger, surroundings }: RunContext): void {
  const cpu_s = surroundings?.serverCpu_s() ?? null;
  if (cpu_s !== null) ledger.observation(observed(OBSERVED.serverCpu, clock.now_s(), cpu_s));
}

function observed(name: string, at_s: Seconds, value: string | number): Observation {
  return { source: ENVIRONMENT, name, at_s, value };
}
