import { J_PER_mJ, J_PER_uJ } from '../../src/core/units.ts';
import type { GpuSource } from '../gpu/reading.ts';

const INSTEAD =
  'the die may be the second of a pair, whose power the first one states; or read hwmon, or a wall meter';

const AMD = {
  // No calibration of AMD's sensors against a meter is published.
  systematicRatio: null,
  energyScope: 'GPU socket, AMD energy accumulator',
  powerStep_W: 1,
  instead: () => INSTEAD,
} as const;

/** amd-smi rounds joules to three decimals. */
export const AMD_SMI: GpuSource = { ...AMD, source: 'amd-smi', energyStep_J: J_PER_mJ, transport_s: 0.01 };

/** One count of the accumulator is 15.3 µJ; a new process prints what it read some milliseconds before it ends. */
export const ROCM_SMI: GpuSource = {
  ...AMD,
  source: 'rocm-smi',
  energyStep_J: 15.3 * J_PER_uJ,
  transport_s: 0.05,
};
