import { join } from 'node:path';
import { OBSERVED } from '../../src/core/environment-names.ts';
import { type PowerSupply, poweredBy } from '../../src/core/power-supply.ts';
import { C_PER_mC, HZ_PER_kHz, HZ_PER_MHz } from '../../src/core/units.ts';
import { sysfsNames, sysfsNumber, sysfsWord } from '../sysfs.ts';

const CPUS = 'devices/system/cpu';
const THERMAL = 'class/thermal';
const SUPPLIES = 'class/power_supply';
/** Devices by which the kernel slows processors down to cool them; fans are none. Source: sysfs-api.rst of thermal. */
const SLOWING = /^(?:Processor|cpufreq-|cpu-|thermal-cpufreq-|intel_powerclamp)/;
const SUPPLY_FACTS = ['type', 'online', 'status', 'scope'] as const;

type Facts = Record<string, string | number | null>;

/**
 * Temperatures, clocks, slowing down by heat, power source and low-power state as Linux shows them. Read by the thread
 * pool: some of these files ask the firmware, which takes milliseconds. Null: not stated; never throws.
 */
export class MachineState {
  readonly #root: string;
  #slowdowns: number | null = null;

  constructor(root: string) {
    this.#root = root;
  }

  async facts(): Promise<Facts> {
    return {
      ...(await this.#temperatures()),
      ...(await this.#clocks()),
      [OBSERVED.thermal]: await this.#pressure(),
      [OBSERVED.powerSource]: await this.#powerSource(),
      [OBSERVED.lowPower]: await this.#lowPower(),
    };
  }

  async #temperatures(): Promise<Facts> {
    const facts: Facts = {};
    for (const zone of (await this.#names(THERMAL)).filter((name) => name.startsWith('thermal_zone'))) {
      const reading_mC = await this.#number(THERMAL, zone, 'temp');
      if (reading_mC === null) continue;
      const type = (await this.#word(THERMAL, zone, 'type')) ?? zone;
      const name = `${type} temperature_C`;
      facts[name in facts ? `${zone} ${name}` : name] = Math.round(reading_mC * C_PER_mC);
    }
    return facts;
  }

  /** `scaling_cur_freq` as the kernel last set or saw it: `cpuinfo_cur_freq` would wake each processor to ask. */
  async #clocks(): Promise<Facts> {
    const folder = `${CPUS}/cpufreq`;
    const policies = (await this.#names(folder)).filter((name) => name.startsWith('policy'));
    const clocks_kHz: number[] = [];
    const governors = new Set<string>();
    for (const policy of policies) {
      const clock_kHz = await this.#number(folder, policy, 'scaling_cur_freq');
      const governor = await this.#word(folder, policy, 'scaling_governor');
      if (clock_kHz !== null) clocks_kHz.push(clock_kHz);
      if (governor !== null) governors.add(governor);
    }
    const mean_kHz = clocks_kHz.reduce((sum, clock_kHz) => sum + clock_kHz, 0) / clocks_kHz.length;
    return {
      cpu_MHz: clocks_kHz.length === 0 ? null : Math.round((mean_kHz * HZ_PER_kHz) / HZ_PER_MHz),
      governor: governors.size === 0 ? null : [...governors].sort().join(', '),
    };
  }

  /** Slowed since the last look by the processor's own count, or now by the kernel's cooling devices. */
  async #pressure(): Promise<string | null> {
    const count = await this.#throttleCount();
    const level = await this.#coolingLevel();
    const before = this.#slowdowns;
    this.#slowdowns = count;
    if (count === null && level === null) return null;
    const isSlowed = (level ?? 0) > 0 || (count !== null && before !== null && count > before);
    return isSlowed ? 'throttled' : 'nominal';
  }

  /** Source: Documentation/ABI/testing/sysfs-devices-system-cpu, thermal_throttle. */
  async #throttleCount(): Promise<number | null> {
    let count: number | null = null;
    for (const cpu of (await this.#names(CPUS)).filter((name) => /^cpu\d+$/.test(name))) {
      for (const file of ['core_throttle_count', 'package_throttle_count']) {
        const own = await this.#number(CPUS, cpu, 'thermal_throttle', file);
        if (own !== null) count = (count ?? 0) + own;
      }
    }
    return count;
  }

  async #coolingLevel(): Promise<number | null> {
    let most: number | null = null;
    for (const device of (await this.#names(THERMAL)).filter((name) => name.startsWith('cooling_device'))) {
      if (!SLOWING.test((await this.#word(THERMAL, device, 'type')) ?? '')) continue;
      const level = await this.#number(THERMAL, device, 'cur_state');
      if (level !== null) most = Math.max(most ?? 0, level);
    }
    return most;
  }

  async #powerSource(): Promise<string | null> {
    const supplies: PowerSupply[] = [];
    for (const supply of await this.#names(SUPPLIES)) {
      const [type, online, status, scope] = await Promise.all(
        SUPPLY_FACTS.map(async (file) => (await this.#word(SUPPLIES, supply, file)) ?? undefined),
      );
      supplies.push({ type, online, status, scope });
    }
    return poweredBy(supplies);
  }

  async #lowPower(): Promise<string | null> {
    const profile = await this.#word('firmware/acpi/platform_profile');
    return profile === null ? null : profile === 'low-power' ? 'on' : 'off';
  }

  #word(...path: readonly string[]): Promise<string | null> {
    return sysfsWord(join(this.#root, ...path));
  }

  #number(...path: readonly string[]): Promise<number | null> {
    return sysfsNumber(join(this.#root, ...path));
  }

  #names(path: string): Promise<string[]> {
    return sysfsNames(join(this.#root, path));
  }
}
