import type { Joules, Seconds, Watts } from '../core/units.ts';
import { createLevel, type LeakageSettings, type Level } from './level.ts';
import { createNoise, type Noise, type NoiseSettings } from './noise.ts';
import type { PowerStep } from './power-step.ts';

/** The rails that the stand-in meter shows; `soc` is their sum. */
export const RAILS = ['cpu', 'gpu', 'ane'] as const;
export type Rail = (typeof RAILS)[number];
export type PerRail = Readonly<Record<Rail, number>>;

/** All that fixes the simulated machine, JSON-safe: the same settings and steps give the same joules in any process. */
export interface PhysicsSettings {
  readonly seed: number;
  readonly idle_W: PerRail;
  /** Time constant of the first-order lag between work and power. */
  readonly lag_s: Seconds;
  readonly leakage: LeakageSettings;
  readonly noise: NoiseSettings;
}

/** A laptop of the M4 Pro class at rest; lag and noise as in METHOD §2. */
export const DEFAULT_PHYSICS: PhysicsSettings = {
  seed: 1,
  idle_W: { cpu: 0.7, gpu: 0.12, ane: 0 },
  lag_s: 0.12,
  leakage: { ratio: 0.02, time_s: 45 },
  noise: { deviationRatio: 0.08, correlation_s: 0.1, cell_s: 0.02 },
};

/** The simulated machine. Times are seconds of the boot's clock; windows are half-open. */
export interface Physics {
  readonly settings: PhysicsSettings;
  /** @throws {LmpowerError} BUG when steps are out of order. */
  apply(step: PowerStep): void;
  power_W(rail: Rail, at_s: Seconds): Watts;
  /** Closed form, noise included; additive over adjoining windows. */
  energy_J(rail: Rail, from_s: Seconds, to_s: Seconds): Joules;
  /** Expected energy, noise left out, had nothing been asked from `from_s` on. */
  undisturbed_J(rail: Rail, from_s: Seconds, to_s: Seconds): Joules;
}

/**
 * P(t) = (idle + A(t) + L(t)) · n(t) for each rail: A follows the steps through the lag, L is leakage, n the noise.
 * @throws {LmpowerError} USAGE for settings that make no machine.
 */
export function createPhysics(given: Partial<PhysicsSettings> = {}): Physics {
  const settings: PhysicsSettings = { ...DEFAULT_PHYSICS, ...given };
  const levels = perRail((rail) => createLevel({ ...settings, idle_W: settings.idle_W[rail] }));
  const noises = perRail((rail) => createNoise(settings.noise, settings.seed, RAILS.indexOf(rail)));
  return {
    settings,
    apply: (step) => {
      for (const rail of RAILS) levels[rail].ask(step.at_s, stepPower_W(step, rail));
    },
    power_W: (rail, at_s) =>
      levels[rail].power_W(at_s) * noises[rail].factorOf(cellAt(at_s, settings.noise.cell_s)),
    energy_J: (rail, from_s, to_s) => noisyEnergy_J(levels[rail], noises[rail], [from_s, to_s]),
    undisturbed_J: (rail, from_s, to_s) => levels[rail].undisturbed_J(from_s, to_s),
  };
}

/** Energy of all rails together. */
export function socEnergy_J(physics: Physics, from_s: Seconds, to_s: Seconds): Joules {
  return RAILS.reduce((sum_J, rail) => sum_J + physics.energy_J(rail, from_s, to_s), 0);
}

/** One value for each rail. */
export function perRail<T>(make: (rail: Rail) => T): Record<Rail, T> {
  return { cpu: make('cpu'), gpu: make('gpu'), ane: make('ane') };
}

function noisyEnergy_J(level: Level, noise: Noise, [from_s, to_s]: readonly [Seconds, Seconds]): Joules {
  let sum_J = 0;
  let cell = cellAt(from_s, noise.cell_s);
  for (let start_s = from_s; start_s < to_s; cell++) {
    const end_s = Math.min(to_s, (cell + 1) * noise.cell_s);
    sum_J += noise.factorOf(cell) * level.energy_J(start_s, end_s);
    start_s = end_s;
  }
  return sum_J;
}

/** The cell that holds `at_s`, by the same products that bound the cells: dividing alone may round across a border. */
function cellAt(at_s: Seconds, cell_s: Seconds): number {
  const near = Math.floor(at_s / cell_s);
  if (at_s >= (near + 1) * cell_s) return near + 1;
  return at_s < near * cell_s ? near - 1 : near;
}

function stepPower_W(step: PowerStep, rail: Rail): Watts {
  return { cpu: step.cpu_W, gpu: step.gpu_W, ane: step.ane_W }[rail];
}
