/** Inside lmpower everything is W, J and s. The factors below are the only ones in the program. */
export type Watts = number;
export type Joules = number;
/** Seconds on the run's clock: since the run's origin, monotonic. */
export type Seconds = number;

export const S_PER_MS = 1e-3;
export const S_PER_US = 1e-6;
export const S_PER_NS = 1e-9;
export const MS_PER_S = 1e3;
export const S_PER_MINUTE = 60;
export const NS_PER_S = 1e9;
export const W_PER_mW = 1e-3;
export const W_PER_uW = 1e-6;
export const W_PER_kW = 1e3;
export const A_PER_mA = 1e-3;
export const V_PER_mV = 1e-3;
export const A_PER_uA = 1e-6;
export const V_PER_uV = 1e-6;
export const mW_PER_W = 1e3;
export const mJ_PER_J = 1e3;
export const J_PER_mJ = 1e-3;
export const J_PER_uJ = 1e-6;
export const J_PER_Wh = 3600;
export const J_PER_mWh = 3.6;
export const J_PER_pWh = 3.6e-9;
export const J_PER_kWh = 3.6e6;
export const HZ_PER_MHz = 1e6;
export const HZ_PER_kHz = 1e3;
export const C_PER_mC = 1e-3;
export const B_PER_GB = 1e9;
export const B_PER_KiB = 2 ** 10;
export const B_PER_MiB = 2 ** 20;
export const PERCENT_PER_RATIO = 100;
export const B_PER_GiB = 2 ** 30;
