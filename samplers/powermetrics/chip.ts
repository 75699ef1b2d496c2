import type { Watts } from '../../src/core/units.ts';
import type { Cluster, Rail } from './reading.ts';

/** Pro and Max have the same clusters, so a frame cannot tell them apart: both get the limits of Max. */
export type ChipClass = 'base' | 'pro-or-max' | 'ultra' | 'unknown';

type Limits = Readonly<Record<Rail, Watts>>;

/**
 * Most power that a rail of this class can plausibly draw: declared assumptions, for bounds and IMPLAUSIBLE_POWER, never
 * tuned to pass. Apple publishes none. Source: the reference powers that asitop assumes for M1, M1 Max and M1 Ultra
 * (CPU 20/30/60 W, GPU 20/60/120 W, ANE 8 W), times 3 for the CPU and 2 for the rest, since later generations
 * draw more; DRAM from the 31 W seen on a Max (stats #2400).
 */
const MAX_POWER_W: Readonly<Record<ChipClass, Limits>> = {
  base: { cpu: 60, gpu: 40, ane: 16, dram: 15 },
  'pro-or-max': { cpu: 90, gpu: 120, ane: 16, dram: 40 },
  ultra: { cpu: 180, gpu: 240, ane: 32, dram: 80 },
  unknown: { cpu: 180, gpu: 240, ane: 32, dram: 80 },
};

/** M3 Pro has one cluster of six fast cores; base chips have four. */
const PRO_CLUSTER_CORES = 6;

export function maxPower_W(chip: ChipClass, rail: Rail): Watts {
  return MAX_POWER_W[chip][rail];
}

/**
 * Class by CPU clusters: `E`+`P` (M1 … M4) or `E`+`S` (M5) base · two fast ones, or one of six cores, Pro or Max · two dies
 * (`E0`, `E1`, `P0` … `P3`) Ultra. Source: power-sources.md 2.3.
 */
export function chipClassOf(clusters: readonly Cluster[]): ChipClass {
  const efficient = clusters.filter((cluster) => cluster.name.startsWith('E'));
  const fast = clusters.filter((cluster) => !cluster.name.startsWith('E'));
  if (fast.length === 0) return 'unknown';
  if (efficient.length > 1 || fast.length > 3) return 'ultra';
  if (fast.length > 1 || fast.some((cluster) => cluster.cores >= PRO_CLUSTER_CORES)) return 'pro-or-max';
  return 'base';
}
