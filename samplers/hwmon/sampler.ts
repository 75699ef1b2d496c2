import { LmpowerError } from '../../src/core/errors.ts';
import type { Batch } from '../../src/core/sample.ts';
import { beats } from '../poll.ts';
import { KeptFile } from '../privileged/kept-file.ts';
import type { Probe, Sampler, StreamOptions } from '../sampler.ts';
import { DriverFile, SYSFS_PATH } from '../sysfs.ts';
import { HwmonAccount, type HwmonReading } from './account.ts';
import { type HwmonDevice, hwmonDevices, SOURCE } from './devices.ts';
import { createHwmonParser } from './parser.ts';
import { recordedDomain } from './recorded-domain.ts';

export interface HwmonOptions {
  /** Folder in place of /sys. */
  readonly root?: string;
}

const REMEDY = 'ls -l /sys/class/hwmon/*/; see samplers/README.md for a group that may read it';

/** Power and energy as drivers of GPUs and of machines' own meters state it: no process, no root. */
export function createHwmonSampler({ root = SYSFS_PATH }: HwmonOptions = {}): Sampler {
  return {
    id: SOURCE,
    title: 'Drivers of GPUs and power meters (hwmon)',
    privilege: 'none',
    probe: () => probe(root),
    domains: () => [recordedDomain('gpu:0', 'gauge')].filter((domain) => domain !== null),
    survey: async () => (await hwmonDevices(root)).map(({ domain }) => domain),
    stream: (options) => stream(root, options),
    createParser: createHwmonParser,
  };
}

async function probe(root: string): Promise<Probe> {
  const devices = await hwmonDevices(root);
  if (devices.length === 0) {
    return { state: 'absent', detail: 'no driver states power in /sys/class/hwmon', remedy: null };
  }
  const readings = await Promise.all(devices.map(readOnce));
  const words = readings
    .map(({ domain, why }) => (why === null ? domain.id : `${domain.id} (${why})`))
    .join(', ');
  // A GPU that sleeps is read when it wakes.
  if (readings.some(({ number, why }) => number !== null || why === ASLEEP)) {
    return { state: 'ready', detail: words, remedy: null };
  }
  const isDenied = readings.some(({ why }) => why === 'EACCES' || why === 'EPERM');
  return { state: isDenied ? 'needs-permission' : 'broken', detail: words, remedy: REMEDY };
}

async function* stream(root: string, options: StreamOptions): AsyncGenerator<Batch, void, undefined> {
  const devices = await hwmonDevices(root);
  if (devices.length === 0) {
    throw new LmpowerError('SAMPLER_UNAVAILABLE', 'hwmon: no driver states power in /sys/class/hwmon');
  }
  const account = new HwmonAccount();
  const kept = devices.map(keptFiles);
  try {
    for await (const _beat of beats(options)) {
      // All at once: they end together, and wake this process once.
      const readings = await Promise.all(kept.map(readDevice));
      yield account.take(readings, options.clock.now_s());
    }
  } finally {
    kept.forEach(closeDevice);
  }
}

/** The files of a device that a beat reads. */
interface DeviceFiles {
  readonly domain: HwmonDevice['domain'];
  readonly file: DriverFile;
  /** Tells whether it sleeps; null: it does not. */
  readonly status: KeptFile | null;
}

function keptFiles({ domain, file, statusFile }: HwmonDevice): DeviceFiles {
  return {
    domain,
    file: new DriverFile(file),
    status: statusFile === null ? null : new KeptFile(statusFile),
  };
}

const ASLEEP = 'asleep';

async function readDevice({ domain, file, status }: DeviceFiles): Promise<HwmonReading> {
  // The kernel's own note: reading it asks, and wakes, no device.
  const state = status?.readNow() ?? null;
  if (state !== null && 'text' in state && state.text === 'suspended') {
    return { domain, number: null, why: ASLEEP };
  }
  const read = await file.read();
  if ('error' in read) return { domain, number: null, why: read.error };
  if (!/^\d+$/.test(read.text))
    return { domain, number: null, why: `not a number: ${read.text.slice(0, 20)}` };
  return { domain, number: Number(read.text), why: null };
}

/** One reading of a device that is not streamed. */
async function readOnce(device: HwmonDevice): Promise<HwmonReading> {
  const kept = keptFiles(device);
  const reading = await readDevice(kept);
  closeDevice(kept);
  return reading;
}

function closeDevice({ file, status }: DeviceFiles): void {
  file.close();
  status?.close();
}
