import { parse } from 'plist';
import { asBuffer } from './bytes.ts';
import type { Cluster, Rail, Reading } from './reading.ts';
import { emptyReading, RAILS } from './reading.ts';
import { isWellFormed } from './well-formed.ts';

/** Above this a document that the hot parser finds odd is not worth the plist package's time (about 0.4 s a MB). */
const MAX_ODD_B = 512 * 1024;

/** The package takes one inside a dictionary for a value. */
const INSTRUCTION = /<\?[\s\S]*?\?>/g;

/**
 * The same reading by way of the plist package: for odd but legal documents (CDATA, entities in values), and the
 * oracle of the hot parser in tests. Null where the document is none.
 */
export function readDocument(frame: Uint8Array): Reading | null {
  if (frame.length > MAX_ODD_B || !isWellFormed(frame)) return null;
  try {
    return readingOf(parse(asBuffer(frame).toString('utf8').replace(INSTRUCTION, '')));
  } catch {
    return null;
  }
}

function readingOf(root: unknown): Reading | null {
  if (!isDict(root)) return null;
  const reading = emptyReading();
  reading.isDelta = typeof root['is_delta'] === 'boolean' ? root['is_delta'] : null;
  reading.elapsed_ns = numberOf(root['elapsed_ns']);
  reading.thermalPressure = stringOf(root['thermal_pressure']);
  reading.machine = {
    hwModel: stringOf(root['hw_model']),
    osBuild: stringOf(root['kern_osversion']),
    clusters: [],
  };
  if ('processor' in root) takeProcessor(root['processor'], reading);
  if ('gpu' in root) takeGpu(root['gpu'], reading);
  return reading;
}

function takeProcessor(processor: unknown, reading: Reading): void {
  reading.hasProcessor = true;
  if (!isDict(processor)) return;
  for (const rail of RAILS) takeRail(processor, rail, reading);
  reading.combinedPower_mW = numberOf(processor['combined_power']);
  if (reading.machine !== null) reading.machine.clusters = clustersOf(processor['clusters']);
}

function takeRail(processor: Record<string, unknown>, rail: Rail, reading: Reading): void {
  reading.energy_mJ[rail] = numberOf(processor[`${rail}_energy`]);
  reading.power_mW[rail] = numberOf(processor[`${rail}_power`]);
}

function takeGpu(gpu: unknown, reading: Reading): void {
  reading.hasGpu = true;
  if (!isDict(gpu)) return;
  reading.gpuFreq = numberOf(gpu['freq_hz']);
  reading.gpuIdle_ns = numberOf(gpu['idle_ns']);
  reading.gpuIdleRatio = numberOf(gpu['idle_ratio']);
  reading.gpuUsed_ns = usedSum_ns(gpu['dvfm_states']);
  reading.gpuBlockEnergy_mJ = numberOf(gpu['gpu_energy']);
}

function usedSum_ns(states: unknown): number | null {
  let sum_ns: number | null = null;
  for (const state of dictsOf(states)) {
    const used_ns = numberOf(state['used_ns']);
    if (used_ns !== null) sum_ns = (sum_ns ?? 0) + used_ns;
  }
  return sum_ns;
}

function clustersOf(clusters: unknown): Cluster[] {
  return dictsOf(clusters).map((cluster) => ({
    name: stringOf(cluster['name']) ?? '',
    cores: dictsOf(cluster['cpus']).length,
  }));
}

function dictsOf(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter(isDict) : [];
}

function isDict(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

function numberOf(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

function stringOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
