import { KernelFiles } from '../../samplers/environment/kernel-files.ts';
import { createEnvironmentSampler } from '../../samplers/environment/sampler.ts';
import { ServerProcess } from '../../samplers/environment/server-process.ts';
import type { Sampler } from '../../samplers/sampler.ts';
import { SYSFS_PATH } from '../../samplers/sysfs.ts';
import { OBSERVED } from '../core/environment-names.ts';
import { lowPowerModeOf, powerSourceOf } from '../orchestrator/environment-macos.ts';
import { thisHost } from '../orchestrator/host.ts';
import type { Surroundings } from '../orchestrator/surroundings.ts';
import { INVENTED } from './invented.ts';

const PROC_PATH = '/proc';
const PMSET = '/usr/bin/pmset';

/** What is watched beside the meters. */
export interface Watched {
  readonly observers: readonly Sampler[];
  readonly surroundings: Surroundings;
}

export interface WatchOptions {
  readonly samplers: readonly Sampler[];
  readonly serverUrl: string | null;
  /** In place of /sys. */
  readonly sysRoot: string | null;
}

/**
 * The environment channel of this machine: /proc and /sys where they are, else what `pmset` says between phases. Null
 * where the energy is a recording's or invented: what this machine does has no part in it.
 */
export function watched({ samplers, serverUrl, sysRoot }: WatchOptions): Watched | null {
  if (samplers.some(({ finite, id }) => finite === true || id === INVENTED)) return null;
  const proc = new KernelFiles(PROC_PATH);
  if (proc.text('stat') === null) return { observers: [], surroundings: PMSET_SURROUNDINGS };
  const server = new ServerProcess(proc, serverUrl, process.pid);
  server.locate();
  const sampler = createEnvironmentSampler({ proc, sys: sysRoot ?? SYSFS_PATH, server, self: process.pid });
  const look = async (): Promise<Record<string, string>> => {
    server.locate();
    return {};
  };
  return { observers: [sampler], surroundings: { look, server: () => server.read() } };
}

/** A system without /proc: a Mac tells its power source and mode; others have no such command and tell nothing. */
const PMSET_SURROUNDINGS: Surroundings = {
  look: async () => {
    const [battery, modes] = await Promise.all([
      thisHost.run(PMSET, '-g', 'batt'),
      thisHost.run(PMSET, '-g'),
    ]);
    const source = powerSourceOf(battery ?? '');
    const isLow = lowPowerModeOf(modes ?? '');
    return {
      ...(source === null ? {} : { [OBSERVED.powerSource]: source }),
      ...(isLow === null ? {} : { [OBSERVED.lowPower]: isLow ? 'on' : 'off' }),
    };
  },
  server: () => null,
};
