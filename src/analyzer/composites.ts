import { boardMaker, isBoard, isDiscrete } from '../core/boards.ts';
import { type Domain, type DomainId, SAMPLE_KINDS, type SampleKind } from '../core/sample.ts';

/** A domain that no meter reads: the sum of disjoint ones that meters do read. */
export interface Composite {
  readonly domain: Domain;
  readonly parts: readonly Domain[];
}

/** Source of composites in a document. */
export const SUM_SOURCE = 'sum';
const MACHINE_RANK = 2.5;

/**
 * Sums of measured domains that contain nothing twice: packages → `package`, GPU boards → `gpu`, and packages, their
 * DRAM and discrete boards → `machine`. Of two sources for one thing the one that came first counts. METHOD §2.
 */
export function compositesOf(measured: readonly Domain[]): Composite[] {
  const taken = new Set(measured.map(({ id }) => id));
  const packages = ofFirstSource(measured.filter(isPackage));
  const memories = measured.filter((one) => isMemoryBeside(one, packages));
  const boards = boardsOf(measured);
  const discrete = boards.filter(isDiscrete);
  const machine = [...packages, ...memories, ...discrete];
  const above = packages[0]?.parent ?? null;
  return [
    ...(packages.length > 1 ? [packageSum(packages, above)] : []),
    ...(boards.length > 1 ? [boardSum(boards)] : []),
    ...(isMachine({ packages, memories, discrete }, above)
      ? [machineSum(machine, { packages, memories, discrete })]
      : []),
  ].filter(({ domain }) => !taken.has(domain.id));
}

interface Machine {
  readonly packages: readonly Domain[];
  readonly memories: readonly Domain[];
  readonly discrete: readonly Domain[];
}

/** Without a board a platform counter above the packages says more than their sum. */
function isMachine({ packages, memories, discrete }: Machine, above: DomainId | null): boolean {
  if (packages.length === 0) return false;
  return discrete.length > 0 || (memories.length > 0 && above === null);
}

function isPackage({ id, rank }: Domain): boolean {
  return rank === 2 && /^package:\d+(?:\.\d+)?(?:@.*)?$/.test(id);
}

/** DRAM that its source counts beside the package, not inside. */
function isMemoryBeside({ id, parent, source }: Domain, packages: readonly Domain[]): boolean {
  const owner = packages[0];
  return (
    owner !== undefined &&
    source === owner.source &&
    parent === owner.parent &&
    /^dram(?::\d+(?:\.\d+)?)?(?:@.*)?$/.test(id)
  );
}

/** Each board once: of one maker's boards those of one source; a board of unknown make only where there is no other. */
function boardsOf(measured: readonly Domain[]): Domain[] {
  const all = measured.filter(isBoard);
  const known = all.filter((board) => boardMaker(board) !== null);
  if (known.length === 0) return ofFirstSource(all);
  const makers = [...new Set(known.map(boardMaker))];
  return makers.flatMap((maker) => ofFirstSource(known.filter((board) => boardMaker(board) === maker)));
}

/** A plain id was given to the source that was preferred; `@` marks a second one. */
function ofFirstSource(domains: readonly Domain[]): Domain[] {
  const first = domains.find(({ id }) => !id.includes('@')) ?? domains[0];
  return domains.filter(({ source }) => source === first?.source);
}

function packageSum(parts: readonly Domain[], parent: DomainId | null): Composite {
  const scope = `sum of ${parts.length} CPU packages: cores, caches, integrated GPU; no DRAM, no discrete GPU`;
  return compositeOf({ id: 'package', label: 'CPU packages', parent, scope, rank: 2 }, parts);
}

function boardSum(parts: readonly Domain[]): Composite {
  const scope = `sum of ${parts.length} GPU boards; no processor`;
  return compositeOf({ id: 'gpu', label: 'GPU boards', parent: null, scope, rank: 2 }, parts);
}

function machineSum(parts: readonly Domain[], { packages, memories, discrete }: Machine): Composite {
  const names = [
    counted('CPU package', packages.length),
    ...(memories.length > 0 ? ['DRAM'] : []),
    ...(discrete.length > 0 ? [counted('GPU board', discrete.length)] : []),
  ];
  const missing = ['no mainboard', 'no PSU', ...(memories.length > 0 ? [] : ['no DRAM'])];
  const scope = `${names.join(' + ')}, ${missing.join(', ')}`;
  return compositeOf(
    { id: 'machine', label: 'Machine, summed', parent: null, scope, rank: MACHINE_RANK },
    parts,
  );
}

function counted(name: string, count: number): string {
  return count === 1 ? name : `${count} ${name}s`;
}

/** Sums of what the parts declare; the worst of what cannot be summed. */
function compositeOf(
  named: Pick<Domain, 'id' | 'label' | 'parent' | 'scope' | 'rank'>,
  parts: readonly Domain[],
): Composite {
  const sum = (of: (part: Domain) => number): number => parts.reduce((total, part) => total + of(part), 0);
  const worst = (of: (part: Domain) => number | null): number =>
    Math.max(...parts.map((part) => of(part) ?? 0));
  const hasAll = parts.every(({ systematicRatio }) => systematicRatio !== null);
  const isAveraged = parts.some(({ averaging_s }) => averaging_s !== null);
  const domain: Domain = {
    ...named,
    source: SUM_SOURCE,
    kind: weakestKind(parts),
    quantum_J: worst((part) => part.quantum_J),
    rails: sum((part) => part.rails),
    minPower_W: sum((part) => part.minPower_W),
    maxPower_W: sum((part) => part.maxPower_W),
    misalignment_s: worst((part) => part.misalignment_s),
    averaging_s: isAveraged ? worst((part) => part.averaging_s) : null,
    systematicRatio: hasAll ? worst((part) => part.systematicRatio) : null,
  };
  return { domain, parts };
}

/** A sum knows its joules no better than its weakest part. */
function weakestKind(parts: readonly Domain[]): SampleKind {
  const at = Math.max(...parts.map(({ kind }) => SAMPLE_KINDS.indexOf(kind)));
  return SAMPLE_KINDS[at] ?? 'averaged';
}
