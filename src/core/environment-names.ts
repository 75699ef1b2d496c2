import { B_PER_MiB, type Seconds } from './units.ts';

/** Source of observations about the machine itself, and of what its server does on it. */
export const ENVIRONMENT = 'environment';

/** Source of observations of which power sources a run reads: `kept ID` and `left out ID`, with the reason. */
export const COMPOSITION = 'composition';
export const KEPT = 'kept';

/** Names of observations that numbers are judged by; everything else is recorded for people. */
export const OBSERVED = {
  /** `nominal`, or a word for less. */
  thermal: 'thermal_pressure',
  /** `ac` or `battery`. */
  powerSource: 'power_source',
  /** `on` or `off`. */
  lowPower: 'low_power_mode',
  /** Mean of processors kept busy since the observation before, in processors: by the server's processes, … */
  serverCores: 'server_cores',
  /** … by neither the server nor lmpower and its meters, … */
  otherCores: 'other_cores',
  /** … by everything but lmpower and its meters, where the server's share cannot be told. */
  restCores: 'rest_cores',
  /** Processor time of the server's processes so far, read at both ends of a request; s. */
  serverCpu: 'server_cpu_s',
  /** Resident memory of the server's processes, read with their processor time; B. */
  serverMemory: 'server_rss_B',
} as const;

/** Observations of memory in use on a GPU board, named behind its domain (`gpu:0 vram_B`), with the bytes of one unit. */
export const GPU_MEMORY = { memory_MiB: B_PER_MiB, vram_B: 1, gtt_B: 1 } as const;

/** What the server's processes have used and hold at one instant. */
export interface ServerReading {
  /** Processor time so far. */
  readonly cpu_s: Seconds;
  /** Resident, pages that several of them share counted in each; null: not stated. */
  readonly memory_B: number | null;
}
