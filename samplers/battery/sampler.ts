import { join } from 'node:path';
import { LmpowerError } from '../../src/core/errors.ts';
import type { Batch } from '../../src/core/sample.ts';
import { commandOutput } from '../command-output.ts';
import { beats } from '../poll.ts';
import type { Probe, Sampler, StreamOptions } from '../sampler.ts';
import { DriverFile, numberIn, SYSFS_PATH, sysfsNames, sysfsWord, wordIn } from '../sysfs.ts';
import { type ToolLaunch, toolCommand } from '../tool-stream.ts';
import { BATTERY, BatteryAccount, SOURCE } from './account.ts';
import { createBatteryParser } from './parser.ts';
import { type BatteryReading, type LinuxBattery, readingOfIoreg, readingOfLinux } from './reading.ts';

export interface BatteryOptions {
  /** Folder in place of /sys. */
  readonly root?: string;
  readonly ioreg?: ToolLaunch;
}

/** The kernel asks a battery once a second at most, and no fuel gauge is quicker. Source: ACPI battery, `cache_time`. */
const LEAST_ms = 1000;
/** macOS has no tool that goes on printing its battery, and renews it slower than this: one short process each time. */
const LEAST_IOREG_ms = 2000;
const UNPLUG = 'unplug the charger: on the mains a battery says nothing of the machine';

/** The machine's own battery, Linux' or a Mac's, while it discharges. */
export function createBatterySampler(options: BatteryOptions = {}): Sampler {
  const { root = SYSFS_PATH, ioreg = { file: '/usr/sbin/ioreg' } } = options;
  const batteries = new Batteries(root, ioreg);
  return {
    id: SOURCE,
    title: 'Battery, while it discharges',
    privilege: 'none',
    probe: () => probe(batteries),
    domains: () => [BATTERY],
    stream: (streamOptions) => stream(batteries, streamOptions),
    createParser: createBatteryParser,
  };
}

type Place = { readonly sort: 'linux'; readonly batteries: readonly LinuxFiles[] } | { readonly sort: 'mac' };

class Batteries {
  readonly #root: string;
  readonly #ioreg: ToolLaunch;

  constructor(root: string, ioreg: ToolLaunch) {
    this.#root = root;
    this.#ioreg = ioreg;
  }

  /** Null: this machine has none. */
  async find(): Promise<Place | null> {
    const folders = await this.#linuxFolders();
    if (folders.length > 0)
      return { sort: 'linux', batteries: folders.map((folder) => new LinuxFiles(folder)) };
    return (await this.#readMac()) === null ? null : { sort: 'mac' };
  }

  async read(place: Place): Promise<BatteryReading> {
    if (place.sort === 'linux')
      return readingOfLinux(await Promise.all(place.batteries.map((one) => one.read())));
    return (await this.#readMac()) ?? { isDischarging: null, power_W: null, why: 'ioreg did not answer' };
  }

  /** Those of the machine: batteries of mice and headsets say so in `scope`. */
  async #linuxFolders(): Promise<string[]> {
    const folder = join(this.#root, 'class/power_supply');
    const all = (await sysfsNames(folder)).map((name) => join(folder, name));
    const kept = await Promise.all(
      all.map(async (one) => {
        const isBattery = (await sysfsWord(one, 'type')) === 'Battery';
        return isBattery && (await sysfsWord(one, 'scope')) !== 'Device' ? one : null;
      }),
    );
    return kept.filter((one) => one !== null);
  }

  async #readMac(): Promise<BatteryReading | null> {
    const answer = await commandOutput(toolCommand(this.#ioreg, ['-rn', 'AppleSmartBattery', '-w0']));
    return answer.code === 0 ? readingOfIoreg(answer.stdout) : null;
  }
}

/** The files of one battery of Linux. */
class LinuxFiles {
  readonly #status: DriverFile;
  readonly #power: DriverFile;
  readonly #current: DriverFile;
  readonly #voltage: DriverFile;

  constructor(folder: string) {
    const kept = (name: string): DriverFile => new DriverFile(join(folder, name));
    this.#status = kept('status');
    this.#power = kept('power_now');
    this.#current = kept('current_now');
    this.#voltage = kept('voltage_now');
  }

  async read(): Promise<LinuxBattery> {
    const files = [this.#power, this.#current, this.#voltage];
    const [status, ...numbers] = await Promise.all([
      this.#status.read(),
      ...files.map((file) => file.read()),
    ]);
    const [power_uW = null, current_uA = null, voltage_uV = null] = numbers.map(numberIn);
    return { status: wordIn(status), power_uW, current_uA, voltage_uV };
  }

  close(): void {
    for (const file of [this.#status, this.#power, this.#current, this.#voltage]) file.close();
  }
}

function close(place: Place): void {
  if (place.sort === 'linux') for (const battery of place.batteries) battery.close();
}

async function probe(batteries: Batteries): Promise<Probe> {
  const place = await batteries.find();
  if (place === null) return { state: 'absent', detail: 'this machine has no battery', remedy: null };
  const { isDischarging, power_W, why } = await batteries.read(place).finally(() => close(place));
  if (power_W !== null) {
    return { state: 'ready', detail: `discharging at ${power_W.toFixed(1)} W`, remedy: null };
  }
  const detail = why ?? 'the battery states no power';
  return isDischarging === false
    ? { state: 'absent', detail: `on the mains: ${detail}`, remedy: UNPLUG }
    : { state: 'broken', detail, remedy: 'cat /sys/class/power_supply/*/uevent' };
}

async function* stream(batteries: Batteries, options: StreamOptions): AsyncGenerator<Batch, void, undefined> {
  const place = await batteries.find();
  if (place === null) throw new LmpowerError('SAMPLER_UNAVAILABLE', 'this machine has no battery');
  const account = new BatteryAccount();
  const interval_ms = Math.max(place.sort === 'mac' ? LEAST_IOREG_ms : LEAST_ms, options.interval_ms);
  try {
    for await (const _beat of beats({ ...options, interval_ms })) {
      const reading = await batteries.read(place);
      if (options.signal.aborted) return;
      yield account.take(reading, options.clock.now_s());
    }
  } finally {
    close(place);
  }
}
