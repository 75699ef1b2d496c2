import { readlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Domain, SampleKind } from '../../src/core/sample.ts';
import type { Joules, Seconds, Watts } from '../../src/core/units.ts';
import { J_PER_uJ, S_PER_MS, W_PER_uW } from '../../src/core/units.ts';
import { domainOf } from '../channel.ts';
import { sysfsNames, sysfsNumber, sysfsWord } from '../sysfs.ts';

export const SOURCE = 'hwmon';

/** The three files that can hold power, best first: a counter loses nothing, an instant is no mean. */
const FILES = [
  { suffix: 'energy', file: 'input', kind: 'counter' },
  { suffix: 'power', file: 'input', kind: 'gauge' },
  { suffix: 'power', file: 'average', kind: 'averaged' },
] as const;

type Place = 'gpu' | 'apu' | 'system';

/** Drivers whose power is that of a whole thing. Source: Documentation/hwmon, Documentation/gpu of Linux 6.12. */
const DRIVERS: Readonly<Record<string, Place>> = {
  amdgpu: 'gpu',
  i915: 'gpu',
  xe: 'gpu',
  nouveau: 'gpu',
  power_meter: 'system',
  corsairpsu: 'system',
  macsmc_hwmon: 'system',
  macsmc: 'system',
};
/** Labels of the channel that is the whole thing, best first; without labels the first channel is. */
const WHOLE = ['card', 'power total', 'total system power', 'ppt', 'slowppt', 'pkg'];
/** Intel's channel of the chip without its board. */
const CHIP_LABEL = 'pkg';
/** Only integrated GPUs of AMD state this voltage. Source: amdgpu_pm.c. */
const APU_LABEL = 'vddnb';
/** Headroom over the limit of a board; without one, the largest of its sort. Declared assumptions. */
const OVERSHOOT = 1.2;
const MOST_W: Readonly<Record<Place, Watts>> = { gpu: 1000, apu: 300, system: 3000 };
/** Drivers whose `powerN_max` is a mean over seconds (PL1). Source: ABI/testing/sysfs-driver-intel-{i915,xe}-hwmon. */
const SUSTAINED: ReadonlySet<string> = new Set(['i915', 'xe']);
/** Where only that is stated, what a board may draw for less than those seconds. A declared assumption. */
const BURST = 1.5;
/** AMD's firmware averages over a time it does not state; a declared assumption. */
const AVERAGING_s: Seconds = 1;
/** Firmware renews its power this often at least. A declared assumption. */
const UPDATE_s: Seconds = 0.1;

/** One file that is read at each beat, and what it means. */
export interface HwmonDevice {
  readonly domain: Domain;
  /** Absolute. */
  readonly file: string;
  readonly kind: SampleKind;
  /** Says whether the device sleeps; a read would wake it. Null: it never does. */
  readonly statusFile: string | null;
}

/** Devices below `root` that state power; GPUs are numbered by their bus address. */
export async function hwmonDevices(root: string): Promise<HwmonDevice[]> {
  const folders = (await sysfsNames(root, 'class/hwmon')).map((name) => join(root, 'class/hwmon', name));
  const found = (await Promise.all(folders.map(foundIn))).filter((one) => one !== null);
  found.sort((a, b) => a.address.localeCompare(b.address, 'en', { numeric: true }));
  const seen: Record<Place, number> = { gpu: 0, apu: 0, system: 0 };
  return Promise.all(found.map((one) => deviceOf(one, seen[one.place]++)));
}

interface Found {
  readonly folder: string;
  readonly driver: string;
  readonly place: Place;
  readonly address: string;
  readonly channel: Channel;
}

interface Channel {
  readonly file: string;
  readonly kind: 'counter' | 'gauge' | 'averaged';
  readonly label: string | null;
  readonly index: string;
}

async function foundIn(folder: string): Promise<Found | null> {
  const driver = (await sysfsWord(folder, 'name')) ?? '';
  const place = DRIVERS[driver];
  if (place === undefined) return null;
  const channel = await channelIn(folder);
  if (channel === null) return null;
  const isApu = place === 'gpu' && (await sysfsWord(folder, 'in1_label')) === APU_LABEL;
  return { folder, driver, place: isApu ? 'apu' : place, address: await addressOf(folder), channel };
}

async function channelIn(folder: string): Promise<Channel | null> {
  const names = new Set(await sysfsNames(folder));
  for (const { suffix, file, kind } of FILES) {
    const pattern = new RegExp(`^${suffix}(\\d+)_${file}$`);
    const indices = [...names].flatMap((name) => pattern.exec(name)?.[1] ?? []);
    const channels = await Promise.all(
      indices.map(async (index) => {
        const label =
          (await sysfsWord(folder, `${suffix}${index}_label`)) ??
          (await sysfsWord(folder, `power${index}_label`));
        return {
          file: join(folder, `${suffix}${index}_${file}`),
          kind,
          label: label?.toLowerCase() ?? null,
          index,
        };
      }),
    );
    const whole = channels.sort((a, b) => rankOf(a.label) - rankOf(b.label))[0];
    if (whole !== undefined) return whole;
  }
  return null;
}

function rankOf(label: string | null): number {
  const at = WHOLE.indexOf(label ?? '');
  return at < 0 ? WHOLE.length : at;
}

async function addressOf(folder: string): Promise<string> {
  try {
    return basename(await readlink(join(folder, 'device')));
  } catch {
    // A device on no bus: its own number orders it.
    return basename(folder);
  }
}

async function deviceOf(found: Found, index: number): Promise<HwmonDevice> {
  const { folder, channel } = found;
  const status = join(folder, 'device/power/runtime_status');
  const sleeps = found.place === 'gpu' && (await sysfsWord(status)) !== null;
  return {
    domain: await domainOfDevice(found, index),
    file: channel.file,
    kind: channel.kind,
    statusFile: sleeps ? status : null,
  };
}

/** Bound of what a device draws at any moment, from the limits that its driver states. */
async function mostOf({ folder, driver, place, channel }: Found): Promise<Watts> {
  const limit_W = async (name: string): Promise<Watts> =>
    ((await sysfsNumber(folder, `power${channel.index}_${name}`)) ?? 0) * W_PER_uW;
  if (!SUSTAINED.has(driver)) {
    const stated_W = (await limit_W('cap_max')) || (await limit_W('max'));
    return stated_W > 0 ? stated_W * OVERSHOOT : MOST_W[place];
  }
  // The critical limit (I1) and that of bursts (PL2) act within milliseconds.
  const burst_W = Math.max(await limit_W('crit'), await limit_W('cap'));
  if (burst_W > 0) return burst_W * OVERSHOOT;
  const sustained_W = Math.max(await limit_W('max'), await limit_W('rated_max'));
  return sustained_W > 0 ? sustained_W * BURST : MOST_W[place];
}

async function domainOfDevice(found: Found, index: number): Promise<Domain> {
  const { folder, driver, place, channel } = found;
  const averaging_ms = await sysfsNumber(folder, `power${channel.index}_average_interval`);
  const facts = PLACES[place](index, `${driver} ${basename(channel.file)}`);
  const isChip = place === 'gpu' && channel.label === CHIP_LABEL;
  return domainOf({
    ...facts,
    ...(isChip ? { scope: facts.scope.replace('GPU board', 'GPU chip alone') } : {}),
    source: SOURCE,
    kind: channel.kind,
    quantum_J: channel.kind === 'counter' ? J_PER_uJ : W_PER_uW * UPDATE_s,
    maxPower_W: await mostOf(found),
    misalignment_s: UPDATE_s / 2,
    averaging_s:
      channel.kind === 'averaged' ? (averaging_ms === null ? AVERAGING_s : averaging_ms * S_PER_MS) : null,
  });
}

const PLACES = {
  gpu: (index: number, from: string) => ({
    id: `gpu:${index}`,
    label: `GPU ${index}`,
    scope: `GPU board by its driver (${from})`,
    rank: 2,
  }),
  apu: (index: number, from: string) => ({
    id: index === 0 ? 'soc' : `soc:${index}`,
    label: 'SoC',
    scope: `processor with integrated GPU by its firmware (${from}); no DRAM`,
    rank: 1,
  }),
  system: (index: number, from: string) => ({
    id: index === 0 ? 'system' : `system:${index}`,
    label: 'System',
    scope: `whole machine by its own meter (${from})`,
    rank: 3,
  }),
} as const;

/** What the file's number means: µW for power, µJ for energy. Source: Documentation/hwmon/sysfs-interface.rst. */
export function inBaseUnits(device: Pick<HwmonDevice, 'kind'>, number: number): Watts | Joules {
  return device.kind === 'counter' ? number * J_PER_uJ : number * W_PER_uW;
}
