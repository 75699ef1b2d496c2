/** Rails that powermetrics states energy for; `dram` only on macOS 12. Source: power-sources.md 2.3. */
export const RAILS = ['cpu', 'gpu', 'ane', 'dram'] as const;
export type Rail = (typeof RAILS)[number];

/** A CPU cluster as named by the tool (`E-Cluster`, `P0-Cluster`) and how many cores it lists. */
export interface Cluster {
  readonly name: string;
  readonly cores: number;
}

/**
 * What one frame states, in the tool's own units. Null: not stated, or not a finite number. `gpuFreq` is megahertz
 * in the versions seen although the key says Hz.
 */
export interface Reading {
  isDelta: boolean | null;
  elapsed_ns: number | null;
  thermalPressure: string | null;
  /** True where the frame has a `processor` dictionary: the cpu_power sampler was asked. */
  hasProcessor: boolean;
  /** Energy of each rail over the frame's `elapsed_ns`. */
  energy_mJ: Record<Rail, number | null>;
  power_mW: Record<Rail, number | null>;
  combinedPower_mW: number | null;
  hasGpu: boolean;
  gpuFreq: number | null;
  gpuIdleRatio: number | null;
  gpuIdle_ns: number | null;
  /** Sum over the GPU's frequency states; null where none states a time. */
  gpuUsed_ns: number | null;
  /** The GPU block's own energy: over its own window, not over `elapsed_ns`. */
  gpuBlockEnergy_mJ: number | null;
  /** Null unless asked for: a stream asks for its first frame only. */
  machine: Machine | null;
}

/** What a frame says about the machine: the same in every frame of a stream. */
export interface Machine {
  hwModel: string | null;
  osBuild: string | null;
  clusters: Cluster[];
}

export function emptyMachine(): Machine {
  return { hwModel: null, osBuild: null, clusters: [] };
}

export function emptyReading(): Reading {
  return {
    isDelta: null,
    elapsed_ns: null,
    thermalPressure: null,
    hasProcessor: false,
    energy_mJ: { cpu: null, gpu: null, ane: null, dram: null },
    power_mW: { cpu: null, gpu: null, ane: null, dram: null },
    combinedPower_mW: null,
    hasGpu: false,
    gpuFreq: null,
    gpuIdleRatio: null,
    gpuIdle_ns: null,
    gpuUsed_ns: null,
    gpuBlockEnergy_mJ: null,
    machine: null,
  };
}

/** Called at a `processor` dictionary: a second one replaces the first as a whole, as in the plist package. */
export function forgetProcessor(reading: Reading): void {
  const empty = emptyReading();
  reading.hasProcessor = true;
  reading.energy_mJ = empty.energy_mJ;
  reading.power_mW = empty.power_mW;
  reading.combinedPower_mW = null;
  if (reading.machine !== null) reading.machine.clusters = [];
}

/** Called at a `gpu` dictionary, likewise. */
export function forgetGpu(reading: Reading): void {
  reading.hasGpu = true;
  reading.gpuFreq = null;
  reading.gpuIdle_ns = null;
  reading.gpuIdleRatio = null;
  reading.gpuUsed_ns = null;
  reading.gpuBlockEnergy_mJ = null;
}
