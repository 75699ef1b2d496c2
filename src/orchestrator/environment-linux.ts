import { type PowerSupply, poweredBy } from '../core/power-supply.ts';
import type { Environment } from '../core/run.ts';
import type { Host } from './host.ts';
import type { PlatformFacts } from './platform-facts.ts';

const CPUS = '/sys/devices/system/cpu';
const SUPPLIES = '/sys/class/power_supply';

/** Source: proc_cpuinfo(5), os-release(5), Documentation/ABI/testing/sysfs-class-power, cpufreq, platform_profile. */
export async function linuxFacts(host: Host): Promise<PlatformFacts> {
  const [machine, cpuinfo, osRelease, profile, powerSource, governor] = await Promise.all([
    machineOf(host),
    host.read('/proc/cpuinfo'),
    host.read('/etc/os-release'),
    host.read('/sys/firmware/acpi/platform_profile'),
    powerSourceOf(host),
    governorOf(host),
  ]);
  return {
    machine,
    chip: chipOf(cpuinfo ?? ''),
    os: /^PRETTY_NAME="?([^"\n]+)"?$/m.exec(osRelease ?? '')?.[1] ?? host.facts.osType,
    osBuild: host.facts.osRelease,
    powerSource,
    lowPowerMode: profile === null ? null : profile.trim() === 'low-power',
    governor,
  };
}

/** Product name of the firmware, or the device tree's on boards without one. Never product_serial or product_uuid. */
async function machineOf(host: Host): Promise<string | null> {
  const names = await Promise.all([
    host.read('/sys/devices/virtual/dmi/id/sys_vendor'),
    host.read('/sys/devices/virtual/dmi/id/product_name'),
  ]);
  const product = names.map((name) => name?.trim() ?? '').filter((name) => name !== '');
  if (product.length > 0) return product.join(' ');
  const tree = await host.read('/proc/device-tree/model');
  return tree?.replaceAll('\0', '').trim() || null;
}

/** `model name` on x86, `Model` on boards that say only what they are. */
function chipOf(cpuinfo: string): string | null {
  return /^(?:model name|Model|Hardware)\s*:\s*(.+)$/m.exec(cpuinfo)?.[1]?.trim() ?? null;
}

async function powerSourceOf(host: Host): Promise<Environment['powerSource']> {
  const names = await host.list(SUPPLIES);
  return poweredBy(await Promise.all(names.map((name) => supplyOf(host, `${SUPPLIES}/${name}`))));
}

async function supplyOf(host: Host, folder: string): Promise<PowerSupply> {
  const read = async (name: string): Promise<string | undefined> =>
    (await host.read(`${folder}/${name}`))?.trim();
  const [type, online, status, scope] = await Promise.all(['type', 'online', 'status', 'scope'].map(read));
  return { type, online, status, scope };
}

/** Governors in force, each once: processors of one machine may differ. */
async function governorOf(host: Host): Promise<string | null> {
  const cpus = (await host.list(CPUS)).filter((name) => /^cpu\d+$/.test(name));
  const governors = await Promise.all(
    cpus.map((name) => host.read(`${CPUS}/${name}/cpufreq/scaling_governor`)),
  );
  const known = new Set(governors.flatMap((governor) => (governor ? [governor.trim()] : [])));
  return known.size === 0 ? null : [...known].sort().join(', ');
}
