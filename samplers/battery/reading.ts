import type { Watts } from '../../src/core/units.ts';
import { A_PER_mA, A_PER_uA, V_PER_mV, V_PER_uV, W_PER_uW } from '../../src/core/units.ts';

/** What all batteries of a machine say at one time. */
export interface BatteryReading {
  /** Null: none of them states whether it discharges. */
  readonly isDischarging: boolean | null;
  /** Power that leaves them all; null where it is not stated. */
  readonly power_W: Watts | null;
  readonly why: string | null;
}

/** A battery of Linux, in the kernel's words. Source: Documentation/ABI/testing/sysfs-class-power. */
export interface LinuxBattery {
  readonly status: string | null;
  readonly power_uW: number | null;
  readonly current_uA: number | null;
  readonly voltage_uV: number | null;
}

/** All that the kernel may say. Source: the same page, `status`. */
const STATUSES: ReadonlySet<string> = new Set(['Unknown', 'Charging', 'Discharging', 'Not charging', 'Full']);

/**
 * Sum over the batteries that discharge: `power_now`, else current × voltage. Their sign differs by driver, their status
 * does not. A discharging one without power makes the sum unknown.
 */
export function readingOfLinux(batteries: readonly LinuxBattery[]): BatteryReading {
  const odd = batteries.find(({ status }) => status !== null && !STATUSES.has(status));
  // Taken for one on the mains, it would be missing without a word.
  if (odd !== undefined)
    return { isDischarging: null, power_W: null, why: `a battery is ${odd.status?.slice(0, 20)}` };
  const stated = batteries.filter((battery) => battery.status !== null && battery.status !== 'Unknown');
  if (stated.length === 0) return { isDischarging: null, power_W: null, why: 'no battery states its status' };
  const discharging = stated.filter((battery) => battery.status === 'Discharging');
  if (discharging.length === 0) return { isDischarging: false, power_W: null, why: 'not discharging' };
  const powers = discharging.map(linuxPower_W);
  const known = powers.filter((power_W) => power_W !== null);
  if (known.length < powers.length) {
    return { isDischarging: true, power_W: null, why: 'a discharging battery states no power' };
  }
  return { isDischarging: true, power_W: known.reduce((sum_W, power_W) => sum_W + power_W, 0), why: null };
}

function linuxPower_W({ power_uW, current_uA, voltage_uV }: LinuxBattery): Watts | null {
  if (power_uW !== null) return Math.abs(power_uW) * W_PER_uW;
  if (current_uA === null || voltage_uV === null) return null;
  return Math.abs(current_uA) * A_PER_uA * (voltage_uV * V_PER_uV);
}

const TWO_63 = 2n ** 63n;
const TWO_64 = 2n ** 64n;

/**
 * `ioreg -rn AppleSmartBattery -w0`: current × voltage of the battery itself, from top-level keys alone. Null: it is no such
 * text. The current is a signed number printed as an unsigned one of 64 bits.
 */
export function readingOfIoreg(text: string): BatteryReading | null {
  if (!text.includes('AppleSmartBattery')) return null;
  const external = /^[\s|]*"ExternalConnected" = (Yes|No)\s*$/m.exec(text)?.[1];
  const current_mA = topLevel(text, 'InstantAmperage') ?? topLevel(text, 'Amperage');
  const voltage_mV = topLevel(text, 'Voltage');
  if (external === undefined)
    return { isDischarging: null, power_W: null, why: 'ExternalConnected is missing' };
  if (external === 'Yes') return { isDischarging: false, power_W: null, why: 'not discharging' };
  if (current_mA === null || voltage_mV === null) {
    return { isDischarging: true, power_W: null, why: 'InstantAmperage or Voltage is missing' };
  }
  if (current_mA > 0) return { isDischarging: false, power_W: null, why: 'charging' };
  return { isDischarging: true, power_W: -current_mA * A_PER_mA * (voltage_mV * V_PER_mV), why: null };
}

function topLevel(text: string, key: string): number | null {
  const [, digits] = new RegExp(`^[\\s|]*"${key}" = (-?\\d{1,20})\\s*$`, 'm').exec(text) ?? [];
  if (digits === undefined) return null;
  const whole = BigInt(digits);
  return Number(whole >= TWO_63 ? whole - TWO_64 : whole);
}
