import type { Domain, DomainId } from '../../src/core/sample.ts';
import type { Joules, Watts } from '../../src/core/units.ts';
import { J_PER_pWh } from '../../src/core/units.ts';
import { domainOf } from '../channel.ts';

export const SOURCE = 'windows-energy-meter';

/** One column of typeperf: which meter of Windows, and which of its two figures. */
export interface Column {
  readonly meter: string;
  readonly figure: 'energy' | 'power';
}

/** `\\HOST\Energy Meter(RAPL_Package0_PKG)\Energy`; Windows in another language translates the last word, not the meter. */
const PATH = /\\Energy Meter\((.+)\)\\([^\\]+)$/i;
const TOTAL = '_Total';

/**
 * The columns of a header, null for those that are no meter's. The order in which they were asked for, energy first, tells
 * the figures apart where their names are translated.
 */
export function columnsOf(header: readonly string[]): (Column | null)[] {
  const seen = new Set<string>();
  return header.map((path) => {
    const [, meter, word = ''] = PATH.exec(path.trim()) ?? [];
    if (meter === undefined || meter === TOTAL) return null;
    const isAgain = seen.has(meter);
    seen.add(meter);
    if (/^power$/i.test(word)) return { meter, figure: 'power' };
    if (/^energy$/i.test(word)) return { meter, figure: 'energy' };
    return { meter, figure: isAgain ? 'power' : 'energy' };
  });
}

interface Place {
  readonly id: DomainId;
  readonly label: string;
  readonly parent: DomainId | null;
  readonly scope: string;
  readonly rank: number;
}

const RAPL = /^RAPL_Package(\d+)_(PKG|PP0|PP1|DRAM)$/i;
const CORE = /^RAPL_Package\d+_Core\d+/i;

/** Which domain a meter is; null for single cores, which would be a domain each. */
export function placeOf(meter: string): Place | null {
  if (CORE.test(meter)) return null;
  const [, socket = '', part = ''] = RAPL.exec(meter) ?? [];
  const whole = `package:${socket}`;
  switch (part.toUpperCase()) {
    case 'PKG': {
      const scope = 'CPU package with integrated GPU; no DRAM';
      return { id: whole, label: `CPU package ${socket}`, parent: null, scope, rank: 2 };
    }
    case 'PP0':
      return {
        id: `core:${socket}`,
        label: `CPU cores ${socket}`,
        parent: whole,
        scope: 'CPU cores',
        rank: 0,
      };
    case 'PP1': {
      const scope = 'integrated GPU of the package';
      return { id: `uncore:${socket}`, label: `Integrated GPU ${socket}`, parent: whole, scope, rank: 0 };
    }
    case 'DRAM': {
      const scope = 'memory, as its controller counts it';
      return { id: `dram:${socket}`, label: `DRAM ${socket}`, parent: null, scope, rank: 0 };
    }
    default:
      return boardPlace(meter);
  }
}

/** Meters that the maker of the machine wired, by the name they gave. */
function boardPlace(meter: string): Place {
  if (/^(?:system|psys|platform)$/i.test(meter)) {
    const scope = `whole machine by the maker's own meter ${meter}`;
    return { id: 'system', label: 'System', parent: null, scope, rank: 3 };
  }
  if (/^(?:apu|(?:current )?socket)[ _]power$/i.test(meter)) {
    const scope = 'processor package by its own meter';
    return { id: 'package:0', label: meter, parent: null, scope, rank: 2 };
  }
  const id = meter.toLowerCase().replace(/[^a-z0-9]+/g, '-');
  return { id, label: meter, parent: null, scope: `rail ${meter}, as the maker named it`, rank: 0 };
}

/** Declared assumption: no laptop or workstation package draws more. */
const MOST_W: Watts = 700;
/** Where only power is printed: a mean of the driver over a time it does not state. A declared assumption. */
const AVERAGING_s = 1;
const STEP_J: Joules = 2 ** -14;

export function domainOfMeter(found: Place, kind: 'counter' | 'averaged'): Domain {
  return domainOf({
    ...found,
    source: SOURCE,
    kind,
    quantum_J: STEP_J,
    maxPower_W: MOST_W,
    averaging_s: kind === 'averaged' ? AVERAGING_s : null,
  });
}

/** Cumulative energy is printed in picowatt-hours. Source: PDH help text of \Energy Meter(*)\Energy. */
export function energyOf_J(energy_pWh: number): Joules {
  return energy_pWh * J_PER_pWh;
}
