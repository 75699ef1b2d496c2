import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Clock } from '../core/clock.ts';
import { J_PER_uJ, type Joules, type Seconds, W_PER_uW } from '../core/units.ts';
import { type Physics, RAILS } from './physics.ts';
import { REST_W, railEnergies } from './stand-in-rails.ts';

/** Where Intel's counters begin again. Source: power-sources 2.2. */
const RANGE_uJ = 262_143_328_850;
/** Short of the range, so that a run of the lab meets the wrap-around. */
const START_uJ = RANGE_uJ - 50_000_000;

const ZONES = {
  package: 'class/powercap/intel-rapl:0',
  core: 'class/powercap/intel-rapl:0:0',
  uncore: 'class/powercap/intel-rapl:0:1',
  repeated: 'class/powercap/intel-rapl-mmio:0',
} as const;
const CARD = 'class/hwmon/hwmon0';
const BATTERY = 'class/power_supply/BAT0';

export interface StandInSysfs {
  readonly root: string;
  readonly physics: Physics;
  readonly clock: Clock;
  /** Since when the counters count. */
  readonly origin_s: Seconds;
}

/** The stand-in /sys itself, written whenever it is told to; `at_s` must not fall. */
export function createSysfs({ root, physics, origin_s }: Omit<StandInSysfs, 'clock'>): {
  readonly write: (at_s: Seconds) => void;
} {
  const energies = railEnergies(physics, origin_s);
  writeFacts(root);
  return {
    write: (at_s) => {
      const rails = energies.take(at_s);
      const whole_J = RAILS.reduce((sum_J, rail) => sum_J + rails[rail], 0);
      const written = { package: whole_J, core: rails.cpu, uncore: rails.gpu, repeated: whole_J };
      for (const zone of ['package', 'core', 'uncore', 'repeated'] as const) {
        writeValue(root, `${ZONES[zone]}/energy_uj`, counterOf(written[zone]));
      }
      writeValue(root, `${CARD}/energy1_input`, Math.round(rails.gpu / J_PER_uJ));
      const machine_W = RAILS.reduce((sum_W, rail) => sum_W + physics.power_W(rail, at_s), REST_W);
      writeValue(root, `${BATTERY}/power_now`, Math.round(machine_W / W_PER_uW));
    },
  };
}

/**
 * A stand-in /sys of the lab: powercap zones, a card that counts energy, and a battery that feeds the whole machine, renewed
 * every `interval_s` until the signal. The package is all rails, its cores the CPU, its uncore the GPU; the memory-mapped
 * zone repeats the package.
 */
export async function keepSysfs(lab: StandInSysfs, interval_s: Seconds, signal: AbortSignal): Promise<void> {
  const sysfs = createSysfs(lab);
  sysfs.write(lab.clock.now_s());
  try {
    while (!signal.aborted) {
      await lab.clock.sleep(interval_s, signal);
      sysfs.write(lab.clock.now_s());
    }
  } catch (thrown) {
    if (!signal.aborted) throw thrown;
  }
}

function counterOf(energy_J: Joules): number {
  return (START_uJ + Math.round(energy_J / J_PER_uJ)) % RANGE_uJ;
}

function writeFacts(root: string): void {
  const names = { package: 'package-0', core: 'core', uncore: 'uncore', repeated: 'package-0' } as const;
  for (const zone of ['package', 'core', 'uncore', 'repeated'] as const) {
    writeValue(root, `${ZONES[zone]}/name`, names[zone]);
    writeValue(root, `${ZONES[zone]}/max_energy_range_uj`, RANGE_uJ);
  }
  writeValue(root, `${CARD}/name`, 'xe');
  writeValue(root, `${CARD}/energy1_label`, 'card');
  writeValue(root, `${BATTERY}/type`, 'Battery');
  writeValue(root, `${BATTERY}/status`, 'Discharging');
}

/** In one move, as the kernel does: nobody reads half a number. */
function writeValue(root: string, path: string, value: string | number): void {
  const file = join(root, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.new`, `${value}\n`);
  renameSync(`${file}.new`, file);
}
