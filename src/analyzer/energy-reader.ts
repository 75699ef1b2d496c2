import type { Phase } from '../core/run.ts';
import type { Domain } from '../core/sample.ts';
import type { Joules } from '../core/units.ts';
import type { IdlePower } from './baseline.ts';
import type { RowContext } from './context.ts';
import { phaseEnergy } from './phases.ts';
import { sumOf } from './ratio-interval.ts';

/** Idle power and energy of whole phases in one domain, be it read or a sum. Null: not measured. */
export interface EnergyReader {
  readonly domain: Domain;
  idle(phase: Phase): IdlePower | null;
  energy_J(phase: Phase): Joules | null;
}

/** Of all that was read, then of its sums. */
export function energyReaders(context: RowContext): EnergyReader[] {
  const own = context.timelines.map(
    (timeline): EnergyReader => ({
      domain: timeline.domain,
      idle: (phase) => context.idlePowerOf(timeline, phase),
      energy_J: (phase) => phaseEnergy(timeline, phase, context.starts).gross_J,
    }),
  );
  const sums = context.composites.map(({ domain, parts }): EnergyReader => {
    const ids = new Set(parts.map(({ id }) => id));
    const readers = own.filter((reader) => ids.has(reader.domain.id));
    return {
      domain,
      idle: (phase) => summedIdle(readers.map((reader) => reader.idle(phase))),
      energy_J: (phase) => {
        const energies_J = readers.flatMap((reader) => reader.energy_J(phase) ?? []);
        return energies_J.length < readers.length ? null : sumOf(energies_J);
      },
    };
  });
  return [...own, ...sums];
}

/** Half-widths are added: the parts idle, and stir, together. */
function summedIdle(given: readonly (IdlePower | null)[]): IdlePower | null {
  const parts = given.filter((part) => part !== null);
  const [first] = parts;
  if (first === undefined || parts.length < given.length) return null;
  return {
    ...first,
    middle_s: sumOf(parts.map((part) => part.middle_s)) / parts.length,
    power_W: sumOf(parts.map((part) => part.power_W)),
    halfWidth_W: sumOf(parts.map((part) => part.halfWidth_W)),
    df: Math.min(...parts.map((part) => part.df)),
  };
}
