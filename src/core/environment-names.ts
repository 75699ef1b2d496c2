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
} as const;
