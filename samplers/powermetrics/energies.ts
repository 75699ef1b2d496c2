import type { CodeId } from '../../src/core/codes.ts';
import type { DomainId } from '../../src/core/sample.ts';
import type { Joules, Seconds } from '../../src/core/units.ts';
import { mJ_PER_J, mW_PER_W, NS_PER_S } from '../../src/core/units.ts';
import type { ChipClass } from './chip.ts';
import { maxPower_W } from './chip.ts';
import { QUANTUM_J, SOC_RAILS } from './domains.ts';
import type { Rail, Reading } from './reading.ts';
import { RAILS } from './reading.ts';

/** A doubt about one frame, before it gets its time and source. */
export interface Doubt {
  readonly code: CodeId;
  readonly domain: DomainId | null;
  readonly detail: string;
}

export type Energies = Readonly<Record<Rail, Joules | null>>;

/** Energy and power fields may differ by one printed step and this part. Source: DESIGN, parse-time check. */
const AGREEMENT_RATIO = 1e-3;
/** Fields apart by this factor differ in unit, not in value. */
const UNIT_FACTOR = 1e3;

/**
 * Joules of each rail over the frame's `elapsed_ns`: `*_energy`, or `*_power` × elapsed where only that is stated. A
 * frame of the gpu_power sampler alone has no `processor`: then the GPU block's own energy, unless its window is empty.
 * Null: not stated, negative, or not finite.
 */
export function energiesOf(reading: Reading, width_s: Seconds): Energies {
  return {
    cpu: railEnergy_J(reading, 'cpu', width_s),
    gpu: reading.hasProcessor ? railEnergy_J(reading, 'gpu', width_s) : blockEnergy_J(reading),
    ane: railEnergy_J(reading, 'ane', width_s),
    dram: railEnergy_J(reading, 'dram', width_s),
  };
}

function railEnergy_J(reading: Reading, rail: Rail, width_s: Seconds): Joules | null {
  const energy_mJ = reading.energy_mJ[rail];
  if (energy_mJ !== null) return orNull(energy_mJ / mJ_PER_J);
  const power_mW = reading.power_mW[rail];
  return power_mW === null ? null : orNull((power_mW / mW_PER_W) * width_s);
}

function blockEnergy_J(reading: Reading): Joules | null {
  if (reading.gpuBlockEnergy_mJ === null || gpuWindow_s(reading) === 0) return null;
  return orNull(reading.gpuBlockEnergy_mJ / mJ_PER_J);
}

function orNull(energy_J: Joules): Joules | null {
  return energy_J >= 0 && Number.isFinite(energy_J) ? energy_J : null;
}

/** Time that the GPU block's residencies add up to; 0 where it published nothing, null where it states none. */
export function gpuWindow_s(reading: Reading): Seconds | null {
  const { gpuIdle_ns, gpuUsed_ns } = reading;
  if (gpuIdle_ns === null && gpuUsed_ns === null) return null;
  if ((gpuIdle_ns ?? 0) < 0 || (gpuUsed_ns ?? 0) < 0) return null;
  return ((gpuIdle_ns ?? 0) + (gpuUsed_ns ?? 0)) / NS_PER_S;
}

/** Doubts of one frame: energy against power, their sum against `combined_power`, and power against the limits. */
export function doubtsOf(reading: Reading, frame: FrameEnergies): Doubt[] {
  const doubts: Doubt[] = [];
  for (const rail of RAILS) {
    const energy_J = frame.energies[rail];
    if (energy_J === null) continue;
    const fromPower_J = energyOfPower_J(reading.power_mW[rail], frame.width_s);
    doubts.push(...disagreement(rail, energy_J, fromPower_J, QUANTUM_J));
    doubts.push(...implausibility(rail, energy_J, frame));
  }
  const sum_J = sumOf(frame.energies, SOC_RAILS);
  if (sum_J === null) return doubts;
  const combined_J = energyOfPower_J(reading.combinedPower_mW, frame.width_s);
  return [...doubts, ...disagreement('soc', sum_J, combined_J, QUANTUM_J * SOC_RAILS.length)];
}

export interface FrameEnergies {
  readonly energies: Energies;
  readonly width_s: Seconds;
  readonly chip: ChipClass;
}

/** Null unless every rail is stated and the sum is finite. */
export function sumOf(energies: Energies, rails: readonly Rail[]): Joules | null {
  let sum_J = 0;
  for (const rail of rails) {
    const energy_J = energies[rail];
    if (energy_J === null) return null;
    sum_J += energy_J;
  }
  return orNull(sum_J);
}

function energyOfPower_J(power_mW: number | null, width_s: Seconds): Joules | null {
  return power_mW === null ? null : (power_mW / mW_PER_W) * width_s;
}

function disagreement(
  domain: DomainId,
  stated_J: Joules,
  fromPower_J: Joules | null,
  quantum_J: Joules,
): Doubt[] {
  if (fromPower_J === null) return [];
  if (Math.abs(stated_J - fromPower_J) <= quantum_J + AGREEMENT_RATIO * stated_J) return [];
  const detail = `energy fields state ${stated_J} J, power fields ${fromPower_J} J`;
  const [less_J, more_J] = stated_J < fromPower_J ? [stated_J, fromPower_J] : [fromPower_J, stated_J];
  return [
    { code: isThousandth(less_J, more_J, quantum_J) ? 'UNIT_SUSPECT' : 'COUNTER_DISAGREES', domain, detail },
  ];
}

/** A figure in a unit a thousand times too large is rounded a thousand times more coarsely as well. */
function isThousandth(less_J: Joules, more_J: Joules, quantum_J: Joules): boolean {
  const apart_J = Math.abs(more_J - UNIT_FACTOR * less_J);
  return less_J > 0 && apart_J <= UNIT_FACTOR * quantum_J + AGREEMENT_RATIO * more_J;
}

/** Names the rail and the sum that holds it. */
function implausibility(rail: Rail, energy_J: Joules, { width_s, chip }: FrameEnergies): Doubt[] {
  const limit_W = maxPower_W(chip, rail);
  if (energy_J - QUANTUM_J <= limit_W * width_s) return [];
  const detail = `${rail} drew ${energy_J / width_s} W; the limit declared for this chip is ${limit_W} W`;
  return [rail, 'soc'].map((domain): Doubt => ({ code: 'IMPLAUSIBLE_POWER', domain, detail }));
}
