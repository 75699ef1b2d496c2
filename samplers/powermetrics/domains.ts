import type { Domain } from '../../src/core/sample.ts';
import type { Joules, Seconds, Watts } from '../../src/core/units.ts';
import { J_PER_mJ } from '../../src/core/units.ts';
import type { ChipClass } from './chip.ts';
import { maxPower_W } from './chip.ts';
import type { Rail } from './reading.ts';

export const SOURCE = 'powermetrics';
export const SOC_RAILS = ['cpu', 'gpu', 'ane'] as const satisfies readonly Rail[];

/** Energy is printed in whole millijoules. Source: power-sources.md 2.3. */
export const QUANTUM_J: Joules = J_PER_mJ;

/**
 * From the end of a window to the last byte of its frame: the tool reads its counters, formats and writes. A declared
 * assumption: it uses 6 ms of CPU a second with all samplers on, and only two are asked here.
 */
const TRANSPORT_S: Seconds = 0.005;

export interface DomainFacts {
  readonly chip: ChipClass;
  /** Rails that the stream states, in table order. */
  readonly rails: readonly Rail[];
  /** Largest difference seen between the GPU block's own window and the frame's. */
  readonly gpuSkew_s: Seconds;
}

/** What is known before the first frame: the widest limits. */
export const UNKNOWN_MACHINE: DomainFacts = { chip: 'unknown', rails: SOC_RAILS, gpuSkew_s: 0 };

/** Rails, and `soc` as their sum where all of CPU, GPU and ANE are stated. */
export function powermetricsDomains(facts: DomainFacts): Domain[] {
  const rails = facts.rails.map((rail) => railDomain(rail, facts));
  return hasSoc(facts.rails) ? [...rails, socDomain(rails)] : rails;
}

export function hasSoc(rails: readonly Rail[]): boolean {
  return SOC_RAILS.every((rail) => rails.includes(rail));
}

const LABELS: Readonly<Record<Rail, string>> = { cpu: 'CPU', gpu: 'GPU', ane: 'ANE', dram: 'DRAM' };

function railDomain(rail: Rail, facts: DomainFacts): Domain {
  return {
    id: rail,
    label: LABELS[rail],
    parent: hasSoc(facts.rails) ? 'soc' : null,
    scope: `${LABELS[rail]} estimate`,
    source: SOURCE,
    kind: 'mean',
    rank: 0,
    quantum_J: QUANTUM_J,
    rails: 1,
    minPower_W: 0,
    maxPower_W: maxPower_W(facts.chip, rail),
    misalignment_s: TRANSPORT_S + (rail === 'gpu' ? facts.gpuSkew_s : 0),
    averaging_s: null,
    systematicRatio: null,
  };
}

function socDomain(rails: readonly Domain[]): Domain {
  const hasDram = rails.some((rail) => rail.id === 'dram');
  const limit_W = rails.reduce((sum_W: Watts, rail) => sum_W + rail.maxPower_W, 0);
  return {
    id: 'soc',
    label: 'SoC',
    parent: null,
    scope: hasDram ? 'CPU+GPU+ANE+DRAM estimate' : 'CPU+GPU+ANE estimate, no DRAM',
    source: SOURCE,
    kind: 'mean',
    rank: 1,
    quantum_J: QUANTUM_J,
    rails: rails.length,
    minPower_W: 0,
    maxPower_W: limit_W,
    misalignment_s: sharedMisalignment_s(rails, limit_W),
    averaging_s: null,
    systematicRatio: null,
  };
}

/** δ of the sum, chosen so that δ·(hi − lo) is the sum over its rails. */
function sharedMisalignment_s(rails: readonly Domain[], limit_W: Watts): Seconds {
  const misplaced_J = rails.reduce((sum_J: Joules, rail) => sum_J + rail.misalignment_s * rail.maxPower_W, 0);
  return misplaced_J / limit_W;
}
