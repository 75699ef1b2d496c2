import type { Joules, Watts } from '../../src/core/units.ts';
import { J_PER_mJ, J_PER_uJ, W_PER_mW, W_PER_uW } from '../../src/core/units.ts';
import { type Stated, statedNumber } from '../stated-number.ts';

/** What the tool said of one board, flat: `power.socket_power` → text, `energy.total_energy_consumption` → text. */
export type Cells = ReadonlyMap<string, string>;

const POWER_UNITS: Readonly<Record<string, number>> = {
  '': 1,
  W: 1,
  mW: W_PER_mW,
  uW: W_PER_uW,
  µW: W_PER_uW,
};
const ENERGY_UNITS: Readonly<Record<string, number>> = {
  '': 1,
  J: 1,
  mJ: J_PER_mJ,
  uJ: J_PER_uJ,
  µJ: J_PER_uJ,
};
const DEPTH_MOST = 6;

/** A nested object as dotted cells; `{value, unit}` is one cell, `19 W`. */
export function flatCells(value: object): Map<string, string> {
  const cells = new Map<string, string>();
  const walk = (path: string, inner: unknown, depth: number): void => {
    if (inner === null || typeof inner !== 'object' || depth > DEPTH_MOST) cells.set(path, String(inner));
    else if ('value' in inner)
      cells.set(path, `${String(inner.value)} ${'unit' in inner ? String(inner.unit) : ''}`.trim());
    else
      for (const [key, child] of Object.entries(inner))
        walk(path === '' ? key : `${path}.${key}`, child, depth + 1);
  };
  walk('', value, 0);
  return cells;
}

/** Text of the first of these names that is there: a whole path, or the last part of one. */
export function cellOf(cells: Cells, names: readonly string[]): string | undefined {
  for (const name of names) {
    const whole = cells.get(name);
    if (whole !== undefined) return whole;
    for (const [path, text] of cells) if (path.endsWith(`.${name}`)) return text;
  }
  return undefined;
}

export function power_W(text: string): { readonly power_W: Watts | null; readonly word: string | null } {
  const stated = statedNumber(text);
  const value = inUnit(stated, POWER_UNITS);
  return { power_W: value, word: value === null ? wordOf(stated) : null };
}

/** Null also for 0: a counter that has not begun to count, as on a die without one. */
export function energy_J(text: string | undefined): Joules | null {
  if (text === undefined) return null;
  const energy_J = inUnit(statedNumber(text), ENERGY_UNITS);
  return energy_J !== null && energy_J > 0 ? energy_J : null;
}

function inUnit(stated: Stated, units: Readonly<Record<string, number>>): number | null {
  if ('missing' in stated) return null;
  const factor = units[stated.unit];
  return factor === undefined ? null : stated.value * factor;
}

function wordOf(stated: Stated): string {
  return 'missing' in stated ? stated.missing : `the unit ${stated.unit}`;
}
