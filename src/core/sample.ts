import type { CodeId } from './codes.ts';
import type { Joules, Seconds, Watts } from './units.ts';

/**
 * How a source knows its joules. `counter`: difference of cumulative readings. `mean`: the source integrated over
 * its own window. `gauge`: trapezoid between two instants. `averaged`: a gauge that is itself a running mean.
 */
export const SAMPLE_KINDS = ['counter', 'mean', 'gauge', 'averaged'] as const;
export type SampleKind = (typeof SAMPLE_KINDS)[number];

/** `cpu`, `gpu:0`, `ane`, `dram`, `package:0`, `soc`, `board`, `battery`, `system`, `wall`. */
export type DomainId = string;

/** A part of the machine that energy is attributed to, and what its source declares about itself. */
export interface Domain {
  readonly id: DomainId;
  readonly label: string;
  /** The domain that contains this one; only siblings are ever added. */
  readonly parent: DomainId | null;
  /** What the number covers, printed with every headline: `CPU+GPU+ANE estimate, no DRAM`. */
  readonly scope: string;
  /** Sampler id. */
  readonly source: string;
  readonly kind: SampleKind;
  /** Wider domains have the higher rank; the headline is the widest measured one. rail 0 · soc 1 · package/board 2 · system 3 · wall 4. */
  readonly rank: number;
  /** Smallest step of the energy reading, per rail. */
  readonly quantum_J: Joules;
  /** Rails summed in this domain, each with its own quantum. */
  readonly rails: number;
  /** Declared limits of power for this class of machine, used only for bounds; never tuned to pass. */
  readonly minPower_W: Watts;
  readonly maxPower_W: Watts;
  /** Declared clock misalignment that no analysis of arrivals can see (least transport delay). */
  readonly misalignment_s: Seconds;
  /** Averaging time of an `averaged` gauge. */
  readonly averaging_s: Seconds | null;
  /** Relative accuracy of the sensor, 0–1; null where nobody published one. */
  readonly systematicRatio: number | null;
}

/** The canonical record: `domain` used `energy_J` in [start_s, end_s). */
export interface Sample {
  readonly domain: DomainId;
  readonly start_s: Seconds;
  readonly end_s: Seconds;
  /** ≥ 0 and finite. */
  readonly energy_J: Joules;
  readonly kind: SampleKind;
  /** Gauges only: power read at both ends, so that a window's edges can be interpolated. */
  readonly startPower_W?: Watts;
  readonly endPower_W?: Watts;
}

/** Something that is not energy, on the same clock: thermal pressure, temperature, clocks, power source. */
export interface Observation {
  readonly source: string;
  readonly name: string;
  readonly at_s: Seconds;
  readonly value: string | number;
}

/** Something that went wrong or is doubtful at one instant; the analyzer turns it into codes of the windows it touches. */
export interface RecordedEvent {
  readonly code: CodeId;
  readonly source: string;
  readonly at_s: Seconds;
  /** Null: concerns every domain of the source. */
  readonly domain: DomainId | null;
  readonly detail: string;
}

/**
 * What one frame of a source gives. Samples of a `mean` source are stamped on arrival, [arrival − width, arrival):
 * moving them to their true place is `alignment`'s work, from the recorded arrivals.
 */
export interface Batch {
  readonly samples: readonly Sample[];
  readonly observations: readonly Observation[];
  readonly events: readonly RecordedEvent[];
  /** Present on the first batch, and again when the source's domains change. */
  readonly domains?: readonly Domain[];
}

/** All samples of one domain as columns, sorted by `end_s`. `startPower_W`/`endPower_W` are empty but for gauges. */
export interface SampleSeries {
  readonly domain: DomainId;
  readonly kind: SampleKind;
  readonly start_s: Float64Array;
  readonly end_s: Float64Array;
  readonly energy_J: Float64Array;
  readonly startPower_W: Float64Array;
  readonly endPower_W: Float64Array;
}
