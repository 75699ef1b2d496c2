import type { Environment } from '../core/run.ts';
import type { Host } from './host.ts';
import type { PlatformFacts } from './platform-facts.ts';

/** Source: sysctl(3), sw_vers(1), pmset(1). */
export async function macFacts(host: Host): Promise<PlatformFacts> {
  const [machine, chip, version, osBuild, battery, modes] = await Promise.all([
    host.run('/usr/sbin/sysctl', '-n', 'hw.model'),
    host.run('/usr/sbin/sysctl', '-n', 'machdep.cpu.brand_string'),
    host.run('/usr/bin/sw_vers', '-productVersion'),
    host.run('/usr/bin/sw_vers', '-buildVersion'),
    host.run('/usr/bin/pmset', '-g', 'batt'),
    host.run('/usr/bin/pmset', '-g'),
  ]);
  return {
    machine: machine || null,
    chip: chip || null,
    os: version ? `macOS ${version}` : `${host.facts.osType} ${host.facts.osRelease}`,
    osBuild: osBuild || null,
    powerSource: powerSourceOf(battery ?? ''),
    lowPowerMode: lowPowerModeOf(modes ?? ''),
    governor: null,
  };
}

/** `Now drawing from 'AC Power'` or `'Battery Power'`, the latter also for a UPS that feeds the machine. */
export function powerSourceOf(text: string): Environment['powerSource'] {
  const source = /drawing \w+ '([^']+)'/.exec(text)?.[1];
  if (source === undefined) return null;
  return source === 'AC Power' ? 'ac' : 'battery';
}

/** `lowpowermode 0|1`, or on machines that also know a high-power mode `powermode 0|1|2`, 1 being low. */
export function lowPowerModeOf(text: string): boolean | null {
  const mode = /^\s*(?:lowpowermode|powermode)\s+(\d)/m.exec(text)?.[1];
  return mode === undefined ? null : mode === '1';
}
