import { boardMaker, isBoard } from '../src/core/boards.ts';
import { type Domain, SAMPLE_KINDS } from '../src/core/sample.ts';

/** A source that answers, with the domains it gives or may give. */
export interface Candidate {
  readonly id: string;
  readonly domains: readonly Domain[];
}

/** Why a source takes part, or does not; sentences for people, stored with the run. */
export interface Judged {
  readonly id: string;
  readonly reason: string;
}

/** Sources in the order in which the recorder is to name them: the first owner of a domain's id keeps it. */
export interface Composition {
  readonly kept: readonly Judged[];
  readonly leftOut: readonly Judged[];
}

/** What reading costs the machine that is measured. */
const ROADS = [
  'read in this process',
  'one process for the whole run',
  'a process for each reading',
] as const;
const ROAD_OF_SOURCE: Readonly<Record<string, number>> = {
  powercap: 0,
  hwmon: 0,
  battery: 0,
  'rocm-smi': 2,
};
const USUAL_ROAD = 1;

/**
 * Of sources that answer, those that together read everything once. Two that read the same thing are compared for that
 * thing: a counter before a mean, a mean before a gauge, a gauge before a running mean; then what costs no process;
 * then the order given. A source that is best at nothing is left out; one that is best at something takes part whole.
 */
export function composeSources(candidates: readonly Candidate[]): Composition {
  const claims = candidates.flatMap((candidate, order) => claimsOf(candidate, order));
  const best = bestOfEach(claims);
  const isKept = ({ id, domains }: Candidate): boolean =>
    domains.length === 0 || [...best.values()].some((claim) => claim.source === id);
  const ranked = [...candidates.entries()].sort(([i, a], [j, b]) => standing(a, i) - standing(b, j) || i - j);
  return {
    kept: ranked.flatMap(([, one]) =>
      isKept(one) ? [{ id: one.id, reason: whyKept(one, claims, best) }] : [],
    ),
    leftOut: ranked.flatMap(([, one]) =>
      isKept(one) ? [] : [{ id: one.id, reason: whyLeftOut(one, claims, best) }],
    ),
  };
}

/** One thing that one source can read, and how well. */
interface Claim {
  readonly source: string;
  readonly thing: string;
  readonly kind: number;
  readonly road: number;
  readonly order: number;
}

function claimsOf({ id, domains }: Candidate, order: number): Claim[] {
  const road = ROAD_OF_SOURCE[id] ?? USUAL_ROAD;
  const claims = new Map<string, Claim>();
  for (const domain of domains) {
    const thing = thingOf(domain);
    const kind = SAMPLE_KINDS.indexOf(domain.kind);
    const known = claims.get(thing);
    if (known === undefined || kind < known.kind) claims.set(thing, { source: id, thing, kind, road, order });
  }
  return [...claims.values()];
}

/** What in the machine a domain measures, so that two names for one thing meet. */
function thingOf(domain: Domain): string {
  const { id, parent, rank, scope, source } = domain;
  const name = id.replace(/[:@].*$/, '');
  if (source === 'hwmon' && /\bamdgpu\b/.test(scope)) return boardsOf('amd');
  if (isBoard(domain)) return boardsOf(boardMaker(domain));
  if (name === 'gpu' && rank < 2)
    return parent?.startsWith('package') === true ? INTEGRATED : 'GPU of the chip';
  if (name === 'uncore') return INTEGRATED;
  if (name === 'psys') return PLATFORM;
  return THINGS[name] ?? id;
}

const INTEGRATED = 'integrated GPU';
const PLATFORM = 'platform';
const BATTERY = 'battery';
const THINGS: Readonly<Record<string, string>> = {
  package: 'CPU package',
  cpu: 'CPU of the chip',
  ane: 'neural engine of the chip',
  soc: 'whole chip',
  core: 'CPU cores',
  dram: 'DRAM',
  system: 'whole machine',
  battery: BATTERY,
};
/** A battery sees the whole machine, slowly and only while it discharges: what sees as much always goes before it. */
const BEFORE_BATTERY: readonly string[] = ['whole machine', PLATFORM];

function boardsOf(maker: string | null): string {
  return maker === null ? 'GPU boards' : `GPU boards of ${maker}`;
}

function bestOfEach(claims: readonly Claim[]): Map<string, Claim> {
  const best = new Map<string, Claim>();
  for (const claim of claims) {
    const known = best.get(claim.thing);
    if (known === undefined || compared(claim, known) < 0) best.set(claim.thing, claim);
  }
  const wider = BEFORE_BATTERY.map((thing) => best.get(thing)).find((claim) => claim !== undefined);
  if (wider !== undefined && best.has(BATTERY)) best.set(BATTERY, wider);
  const unnamed = boardsOf(null);
  const named = [...best.values()].find(({ thing }) => thing !== unnamed && thing.startsWith(unnamed));
  if (named !== undefined && best.has(unnamed)) best.set(unnamed, named);
  return best;
}

function compared(a: Claim, b: Claim): number {
  return a.kind - b.kind || a.road - b.road || a.order - b.order;
}

/** Order among those that are kept: the best kind it has, then the road. */
function standing(candidate: Candidate, order: number): number {
  const claims = claimsOf(candidate, order);
  const kind = Math.min(SAMPLE_KINDS.length, ...claims.map((claim) => claim.kind));
  return kind * ROADS.length + (ROAD_OF_SOURCE[candidate.id] ?? USUAL_ROAD);
}

function whyKept({ id }: Candidate, claims: readonly Claim[], best: ReadonlyMap<string, Claim>): string {
  const own = [...best.entries()].filter(([, claim]) => claim.source === id);
  const rivals = new Set(
    claims
      .filter(({ source, thing }) => source !== id && best.get(thing)?.source === id)
      .map(({ source }) => source),
  );
  if (own.length === 0) return 'what it reads is not known before it runs';
  const things = own.map(([thing]) => thing).join(', ');
  return rivals.size === 0 ? things : `${things}; preferred to ${[...rivals].join(', ')}`;
}

function whyLeftOut({ id }: Candidate, claims: readonly Claim[], best: ReadonlyMap<string, Claim>): string {
  const own = claims.filter(({ source }) => source === id);
  return own.map((claim) => whyBeaten(claim, best.get(claim.thing))).join('; ');
}

function whyBeaten(claim: Claim, winner: Claim | undefined): string {
  if (winner === undefined) return claim.thing;
  const by = `${claim.thing}: ${winner.source} reads the same`;
  if (claim.thing !== winner.thing) return `${by}, at all times`;
  if (winner.kind < claim.kind)
    return `${by}, as ${SAMPLE_KINDS[winner.kind]} and not ${SAMPLE_KINDS[claim.kind]}`;
  if (winner.road < claim.road) return `${by}, ${ROADS[winner.road]} and not ${ROADS[claim.road]}`;
  return `${by} and comes first`;
}
