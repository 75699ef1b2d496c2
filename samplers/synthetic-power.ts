import type { Joules, Seconds, Watts } from '../src/core/units.ts';

/** P(t) = base + swing·sin(2π·(t/period + φ)), never negative since swing ≤ base. */
export interface SyntheticRail {
  readonly id: 'cpu' | 'gpu' | 'ane';
  readonly base_W: Watts;
  readonly swing_W: Watts;
  readonly period_s: Seconds;
}

/** Sums to 14 W on average, like a laptop at work. */
export const SYNTHETIC_RAILS: readonly SyntheticRail[] = [
  { id: 'cpu', base_W: 4, swing_W: 2, period_s: 7 },
  { id: 'gpu', base_W: 9.5, swing_W: 6, period_s: 11 },
  { id: 'ane', base_W: 0.5, swing_W: 0.5, period_s: 13 },
];

export interface SyntheticWindow {
  readonly seed: number;
  /** Seconds since the stream began. */
  readonly from_s: Seconds;
  readonly to_s: Seconds;
}

/** Energy of a window in closed form: base·T + swing·period/2π·(cos 2π(from/period + φ) − cos 2π(to/period + φ)). */
export function syntheticEnergy_J(rail: SyntheticRail, { seed, from_s, to_s }: SyntheticWindow): Joules {
  const turn = 2 * Math.PI;
  const phase = phaseOf(seed, rail.id);
  const swing =
    Math.cos(turn * (from_s / rail.period_s + phase)) - Math.cos(turn * (to_s / rail.period_s + phase));
  const energy_J = rail.base_W * (to_s - from_s) + ((rail.swing_W * rail.period_s) / turn) * swing;
  return Math.max(0, energy_J);
}

export function syntheticMaxPower_W(rail: SyntheticRail): Watts {
  return rail.base_W + rail.swing_W;
}

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;
const UINT32_RANGE = 2 ** 32;

/** φ in [0, 1), the same for the same seed and rail. Source: FNV-1a. */
function phaseOf(seed: number, id: string): number {
  let hash = FNV_OFFSET;
  for (const character of `${seed}:${id}`) {
    hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), FNV_PRIME);
  }
  return (hash >>> 0) / UINT32_RANGE;
}
