import type { Domain, DomainId } from '../../src/core/sample.ts';
import type { Joules, Watts } from '../../src/core/units.ts';
import { J_PER_uJ, W_PER_uW } from '../../src/core/units.ts';
import { domainOf } from '../channel.ts';
import type { PowercapZone } from '../privileged/powercap-reader.ts';

/** A zone that is read, and the domain it is. */
export interface Rail {
  readonly zone: string;
  readonly domain: Domain;
  readonly range_J: Joules | null;
}

/** The platform as its maker wired it: it holds the packages, but what else is the maker's secret. */
export const PSYS: DomainId = 'psys';

/** Energy unit of the older Intel processors; AMD's and newer ones' is finer. Source: Intel SDM, MSR_RAPL_POWER_UNIT. */
const STEP_J: Joules = 2 ** -14;
/** The hardware renews its counters about every millisecond. Source: power-sources.md 2.2. */
const UPDATE_s = 1e-3;
/** Where no believable limit is set: declared assumptions, the widest processors of 2025. */
const UNSTATED_LIMIT_W = { package: 500, psys: 1500, core: 500, uncore: 200, dram: 200 } as const;
/** A limit of thousands of watts means that none is set. */
const BELIEVED_LIMIT_W: Watts = 1000;
/** The limit is a mean over seconds. A declared assumption. */
const OVERSHOOT = 1.5;

const SCOPES = {
  package: 'CPU package: cores, caches, integrated GPU; no DRAM, no discrete GPU',
  psys: 'platform counter as the maker wired it; a discrete GPU is usually not in it',
  core: 'CPU cores',
  uncore: 'integrated GPU of the package',
  dram: 'memory, as its controller counts it',
} as const;

type Sort = keyof typeof SCOPES;

/**
 * Domains of the zones, each once: a zone of `intel-rapl-mmio` repeats that of the registers and is left out where both
 * are there. Package ⊇ core, uncore; psys ⊇ package; DRAM stands beside the package though it lies below it in the tree.
 */
export function railsOf(zones: readonly PowercapZone[], withPsys: boolean): Rail[] {
  const places = zones.flatMap((zone) => placeOf(zone, zones) ?? []);
  const usable = places.filter((place) => withPsys || place.sort !== 'psys');
  const hasPsys = usable.some((place) => place.sort === 'psys');
  const once = new Map<DomainId, Place>();
  for (const place of [...usable].sort(byRegister)) if (!once.has(place.id)) once.set(place.id, place);
  return [...once.values()]
    .map((place) => railOf(place, hasPsys))
    .sort((a, b) => a.domain.id.localeCompare(b.domain.id));
}

interface Place {
  readonly zone: PowercapZone;
  readonly sort: Sort;
  readonly id: DomainId;
  /** `0`, or `0.1` for the second die of package 0; empty for psys. */
  readonly socket: string;
}

function placeOf(zone: PowercapZone, zones: readonly PowercapZone[]): Place | null {
  if (zone.name === PSYS) return { zone, sort: 'psys', id: PSYS, socket: '' };
  const own = socketOf(zone.name);
  if (own !== null) return { zone, sort: 'package', id: `package:${own}`, socket: own };
  const { name } = zone;
  if (name !== 'core' && name !== 'uncore' && name !== 'dram') return null;
  const above = zones.find((one) => one.zone === zone.zone.replace(/:\d+$/, ''));
  const socket = above === undefined ? null : socketOf(above.name);
  return socket === null ? null : { zone, sort: name, id: `${name}:${socket}`, socket };
}

function socketOf(name: string): string | null {
  const [, socket, die] = /^package-(\d+)(?:-die-(\d+))?$/.exec(name) ?? [];
  if (socket === undefined) return null;
  return die === undefined ? socket : `${socket}.${die}`;
}

/** Registers first, so that they win over their memory-mapped repetition. */
function byRegister(a: Place, b: Place): number {
  return Number(a.zone.zone.includes('-mmio')) - Number(b.zone.zone.includes('-mmio'));
}

function railOf({ zone, sort, id, socket }: Place, hasPsys: boolean): Rail {
  const isInside = sort === 'core' || sort === 'uncore';
  const platform = hasPsys && sort !== 'psys' ? PSYS : null;
  return {
    zone: zone.zone,
    range_J: zone.range_uJ === null || zone.range_uJ === 0 ? null : zone.range_uJ * J_PER_uJ,
    domain: domainOf({
      id,
      label: sort === 'psys' ? 'Platform' : `${LABELS[sort]} ${socket}`,
      parent: isInside ? `package:${socket}` : platform,
      scope: SCOPES[sort],
      source: 'powercap',
      kind: 'counter',
      rank: RANKS[sort],
      quantum_J: STEP_J,
      maxPower_W: maxPower_W(zone, sort),
      misalignment_s: UPDATE_s,
    }),
  };
}

const LABELS = { package: 'CPU package', core: 'CPU cores', uncore: 'Integrated GPU', dram: 'DRAM' } as const;
/** psys is wider than a package and may be less than the machine. */
const RANKS = { package: 2, psys: 2.5, core: 0, uncore: 0, dram: 0 } as const;

function maxPower_W(zone: PowercapZone, sort: Sort): Watts {
  const limit_W = (zone.limit_uW ?? 0) * W_PER_uW;
  const isBelieved = sort === 'package' && limit_W > 0 && limit_W <= BELIEVED_LIMIT_W;
  return isBelieved ? limit_W * OVERSHOOT : UNSTATED_LIMIT_W[sort];
}
