import { J_PER_mJ } from '../../src/core/units.ts';
import type { GpuSource } from '../gpu/reading.ts';

export const SOURCE = 'nvidia-smi';

/** Boards of unified memory state no power through NVML; their own meters do. */
const UNIFIED = /\b(?:GB10|Orin|Thor|Xavier|Tegra|nvgpu)\b/i;

export const NVIDIA: GpuSource = {
  source: SOURCE,
  // NVIDIA states 5 % of the reading; boards measured −6 to +11 %. Source: METHOD §5, power-sources.md 2.1.
  systematicRatio: 0.05,
  powerStep_W: 0.01,
  energyStep_J: J_PER_mJ,
  energyScope: 'GPU board incl. memory, NVIDIA energy counter',
  // One query of NVML and a write; a declared assumption.
  transport_s: 0.005,
  instead: (name) =>
    name !== null && UNIFIED.test(name)
      ? 'its module has a meter of its own: tegrastats on a Jetson, else a wall meter'
      : 'this board or driver has no power sensor: a wall meter sees it',
};
