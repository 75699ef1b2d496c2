import { ENVIRONMENT, OBSERVED, type ServerReading } from '../core/environment-names.ts';
import type { Observation } from '../core/sample.ts';
import type { Seconds } from '../core/units.ts';
import type { RunContext } from './run-context.ts';

/** What a run can learn of the machine and of its server's processes besides what its meters give. */
export interface Surroundings {
  /** Facts by name. Asked between phases only, so it may start processes. */
  look(): Promise<Readonly<Record<string, string>>>;
  /** Of the server's processes; null: not known. Asked at both ends of a request: reads a few files, at once. */
  server(): ServerReading | null;
}

/** Between phases. What cannot be learned is left out. */
export async function lookAround({ clock, ledger, signal, surroundings }: RunContext): Promise<void> {
  if (surroundings === undefined || signal.aborted) return;
  const facts = await surroundings.look();
  const at_s = clock.now_s();
  for (const [name, value] of Object.entries(facts)) ledger.observation(observed(name, at_s, value));
}

/** At an end of a request: processor time (METHOD §4, CPU-seconds per token) and memory. */
export function noteServer({ clock, ledger, surroundings }: RunContext): void {
  const reading = surroundings?.server() ?? null;
  if (reading === null) return;
  const at_s = clock.now_s();
  const { cpu_s, memory_B } = reading;
  ledger.observation(observed(OBSERVED.serverCpu, at_s, cpu_s));
  if (memory_B !== null) ledger.observation(observed(OBSERVED.serverMemory, at_s, memory_B));
}

function observed(name: string, at_s: Seconds, value: string | number): Observation {
  return { source: ENVIRONMENT, name, at_s, value };
}
