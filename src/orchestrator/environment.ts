import type { Environment, Setting } from '../core/run.ts';
import { linuxFacts } from './environment-linux.ts';
import { macFacts } from './environment-macos.ts';
import { type Host, thisHost } from './host.ts';
import type { PlatformFacts } from './platform-facts.ts';

export interface EnvironmentOptions {
  readonly backendVersion?: string | null;
  readonly engine?: string | null;
  readonly settings?: readonly Setting[];
  /** Whether meters run as root, where that is not the same as who runs this process. */
  readonly elevated?: boolean;
  readonly host?: Host;
}

/** Reads what could change a number. Takes at most a few seconds, never throws, reads no serial number or host name. */
export async function probeEnvironment(options: EnvironmentOptions = {}): Promise<Environment> {
  const host = options.host ?? thisHost;
  const { facts } = host;
  const platform = await platformFacts(host);
  return {
    ...platform,
    chip: platform.chip ?? facts.chip,
    cores: facts.cores,
    memory_B: facts.memory_B,
    node: facts.node,
    elevated: options.elevated ?? facts.elevated,
    backendVersion: options.backendVersion ?? null,
    engine: options.engine ?? null,
    settings: options.settings ?? [],
  };
}

async function platformFacts(host: Host): Promise<PlatformFacts> {
  if (host.platform === 'darwin') return macFacts(host);
  if (host.platform === 'linux') return linuxFacts(host);
  const { arch, osRelease, osType } = host.facts;
  return {
    machine: null,
    chip: null,
    os: `${osType} ${osRelease} (${arch})`,
    osBuild: null,
    powerSource: null,
    lowPowerMode: null,
    governor: null,
  };
}
