/** Cores that share one clock. */
export interface Cluster {
  readonly name: string;
  readonly cpus: number;
  readonly freqs_MHz: readonly number[];
}

/** What the stand-in meter says about the machine it runs on; nothing here changes a joule. */
export interface Machine {
  readonly hwModel: string;
  readonly osBuild: string;
  readonly clusters: readonly Cluster[];
  readonly gpuFreqs_MHz: readonly number[];
  /** Power at which the cores, or the GPU, count as fully busy. */
  readonly cpuFull_W: number;
  readonly gpuFull_W: number;
}

/** A 14-core M4 Pro: 4 + 5 + 5 cores. Frequencies are evenly spread between the class's published limits. */
export const DEFAULT_MACHINE: Machine = {
  hwModel: 'Mac16,8',
  osBuild: '24F74',
  clusters: [
    { name: 'E-Cluster', cpus: 4, freqs_MHz: spread(1020, 2592, 7) },
    { name: 'P0-Cluster', cpus: 5, freqs_MHz: spread(1260, 4512, 14) },
    { name: 'P1-Cluster', cpus: 5, freqs_MHz: spread(1260, 4512, 14) },
  ],
  gpuFreqs_MHz: spread(338, 1578, 13),
  cpuFull_W: 38,
  gpuFull_W: 24,
};

function spread(low: number, high: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => Math.round(low + ((high - low) * i) / (count - 1)));
}
