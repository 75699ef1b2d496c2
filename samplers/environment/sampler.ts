import { ENVIRONMENT } from '../../src/core/environment-names.ts';
import type { Batch, Observation } from '../../src/core/sample.ts';
import type { Seconds } from '../../src/core/units.ts';
import { beats } from '../poll.ts';
import type { Sampler, StreamOptions } from '../sampler.ts';
import { CpuLoad } from './cpu-load.ts';
import type { KernelFiles } from './kernel-files.ts';
import { MachineState } from './machine-state.ts';
import type { ServerProcess } from './server-process.ts';

/** Often enough to tell an idle machine from a busy one, seldom enough not to make it busy. */
export const ENVIRONMENT_INTERVAL_ms = 2000;

export interface EnvironmentOptions {
  readonly proc: KernelFiles;
  /** Folder of /sys, or in its place. */
  readonly sys: string;
  readonly server: ServerProcess;
  /** Process whose descendants, the meters among them, are no foreign load: ours. */
  readonly self: number;
}

/**
 * Everything about the machine that is no energy, on the clock of the meters and by their road: load of the server's
 * processes and of all others, its memory, temperatures, clocks, slowing down, power source. Files only, no process; Linux.
 */
export function createEnvironmentSampler(options: EnvironmentOptions): Sampler {
  return {
    id: ENVIRONMENT,
    title: 'Load, temperatures and clocks',
    privilege: 'none',
    probe: async () => {
      const isThere = options.proc.text('stat') !== null;
      return {
        state: isThere ? 'ready' : 'absent',
        detail: isThere ? '/proc and /sys' : 'no /proc',
        remedy: null,
      };
    },
    domains: () => [],
    stream: (streamOptions) => stream(options, streamOptions),
    createParser: () => ({ push: () => [], end: () => [] }),
  };
}

async function* stream(
  { proc, sys, server, self }: EnvironmentOptions,
  options: StreamOptions,
): AsyncGenerator<Batch, void, undefined> {
  const load = new CpuLoad(proc, server, self);
  const state = new MachineState(sys);
  const known = new Map<string, string | number>();
  const interval_ms = Math.max(options.interval_ms, ENVIRONMENT_INTERVAL_ms);
  for await (const at_s of beats({ ...options, interval_ms })) {
    const work = observed(load.take(at_s), at_s);
    const changed = observed(await state.facts(), at_s).filter(
      ({ name, value }) => known.get(name) !== value,
    );
    for (const { name, value } of changed) known.set(name, value);
    yield { samples: [], observations: [...work, ...changed], events: [], domains: [] };
  }
}

function observed(facts: Readonly<Record<string, string | number | null>>, at_s: Seconds): Observation[] {
  return Object.entries(facts).flatMap(([name, value]) =>
    value === null ? [] : [{ source: ENVIRONMENT, name, at_s, value }],
  );
}
